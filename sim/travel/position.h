// What a reader of a log knows after some of its records, beside the state of the core: how far it
// is, which task each slot of the core holds, and where each CPU decided last. A DISPATCH that
// had to be posted again is one decision: it is where its first record is.
#ifndef AURORA_SIM_TRAVEL_POSITION_H
#define AURORA_SIM_TRAVEL_POSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <aurora/core.h>

#define AUR_NO_RECORD UINT64_MAX // "no record of the log"

// Records are numbered from 0; an event's actions count, too. Tasks are numbered in the order in
// which the log makes them, for a slot holds one after the other.
// Invariant: slots <= room; a slot that never held a task has the number NONE.
struct aur_position {
    uint64_t records;
    uint64_t events;                   // of these records
    uint64_t made;                     // tasks so far: the number of the next
    uint64_t dispatched[AUR_CPUS_MAX]; // the last DISPATCH of each CPU, or NO_RECORD
    uint32_t *tasks;                   // by slot: the number of the task that it held last
    uint32_t slots, room;
    uint64_t again; // mask of CPUs whose DISPATCH is to be posted again
    uint16_t cpu;   // of the last event
    uint8_t event;  // its kind
};

void aur_position_init(struct aur_position *position);
void aur_position_free(struct aur_position *position);

// Passes over records. False when memory is out.
bool aur_position_take(struct aur_position *position, const struct aur_record *records,
                       uint32_t count);

// The number of the task that the slot held last, or NONE.
uint32_t aur_position_task(const struct aur_position *position, uint32_t slot);

// Says that slot `slot` holds task number `task`. False when memory is out.
bool aur_position_set(struct aur_position *position, uint32_t slot, uint32_t task);

#endif
