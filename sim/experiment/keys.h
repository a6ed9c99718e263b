// The names that an experiment file may use, and their canonical form.
#ifndef AURORA_SIM_EXPERIMENT_KEYS_H
#define AURORA_SIM_EXPERIMENT_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include <aurora/sched.h>

#include "engine/failure.h"
#include "machine/machine.h"
#include "workload/document.h"

enum aur_file_key {
    AUR_FILE_KEY_NAME,
    AUR_FILE_KEY_DESCRIPTION,
    AUR_FILE_KEY_MACHINE,
    AUR_FILE_KEY_SCHEDULER,
    AUR_FILE_KEY_WORKLOAD,
    AUR_FILE_KEY_DURATION,
    AUR_FILE_KEY_WARMUP,
    AUR_FILE_KEY_SEED,
    AUR_FILE_KEY_REPLICATIONS,
    AUR_FILE_KEY_SWEEP,
    AUR_FILE_KEY_MEASURED,
    AUR_FILE_KEY_CONFIDENCE,
    AUR_FILE_KEY_METRICS,
    AUR_FILE_KEY_COUNT
};

// Their spellings, ended by NULL.
extern const char *const aur_key_names[AUR_FILE_KEY_COUNT + 1];

// AUR_FILE_KEY_COUNT if there is no such key.
enum aur_file_key aur_key_find(const char *name);

// May the key stand in `sweep:`?
bool aur_key_sweeps(enum aur_file_key key);

// The key of `machine:` that is not in its table: CPUs that go off (docs/experiment-file.md).
#define AUR_MACHINE_OFFLINE "offline"

// An entry of the machine's table: a number within [low, high], in nanoseconds if `time`.
struct aur_machine_entry {
    const char *name; // "tick_ns"
    uint64_t value;   // default
    uint64_t low, high;
    bool time;
    const char *summary;
};
uint32_t aur_machine_entry_count(void);
const struct aur_machine_entry *aur_machine_entry(uint32_t number);
uint64_t *aur_machine_field(struct aur_machine *machine, uint32_t number);

// The number of the entry that `name` means, with or without its "_ns"; AUR_NONE if there is none.
uint32_t aur_machine_entry_find(const char *name);

// The slot above the fair one that `name` means, "realtime" or "deadline"; AUR_NONE: none.
uint32_t aur_scheduler_slot_find(const char *name);

// The number of the parameter of a class that `name` means, with or without its "_ns"; AUR_NONE.
uint32_t aur_class_param_find(const struct aur_class_info *info, const char *name);

// Is `key` the name `full`, or `full` without its "_ns"?
bool aur_key_is(const char *key, const char *full);

// Refuses the key `given` of a map at `line`, naming the nearest of `known`.
bool aur_key_unknown(const char *file, uint32_t line, const char *given, const char *const *known,
                     struct aur_failure *failure);

// The same for an entry of the machine, a class, and a parameter of a class
// (info NULL: of any class; slots: beside the keys of the slots above the fair one).
bool aur_machine_entry_unknown(const char *file, uint32_t line, const char *given,
                               struct aur_failure *failure);
bool aur_class_unknown(const char *file, uint32_t line, const char *given,
                       struct aur_failure *failure);
bool aur_class_param_unknown(const char *file, uint32_t line, const struct aur_class_info *info,
                             bool slots, const char *given, struct aur_failure *failure);

// Refuses a value of a parameter that has named ones.
bool aur_class_choice_unknown(const char *file, uint32_t line, const struct aur_class_param *param,
                              const char *given, struct aur_failure *failure);

// Refuses a map in which a key stands twice, for example once as tick and once as tick_ns.
bool aur_key_repeated(const struct aur_document *document, const struct aur_node *map,
                      struct aur_failure *failure);

// Checks the path of a --set or an axis at file:line and returns its canonical form, which the
// caller frees: "machine.tick" becomes "machine.tick_ns". NULL with a failure if no key of the
// experiment has that path. Paths into a workload are checked when it is loaded.
char *aur_key_path(const char *file, uint32_t line, const char *path, struct aur_failure *failure);

#endif
