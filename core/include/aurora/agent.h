// Agents: loadable decision code in the instruction set of RFC 9669 (BPF Instruction Set
// Architecture), run by an interpreter that gives the same result, at the same cost in fuel, on
// every host.
//
//     image = what aur_agent_build(), aur_agent_assemble() or aur_agent_load_elf() has made
//     aur_agent_structure(image, bytes, &refusal)           may the interpreter have it?
//     aur_agent_verify(image, contract, scratch, &refusal)  is it what its author can have meant?
//     aur_agent_run(image, program, &env, &result)
//
// An image is one relocatable block: programs, maps and their contents, without pointers.
#ifndef AURORA_AGENT_H
#define AURORA_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <aurora/limits.h>

#define AUR_AGENT_INSTRUCTIONS_MAX 65536u
#define AUR_AGENT_MAPS_MAX         64u
#define AUR_AGENT_MAP_BYTES_MAX    (1u << 26) // of one map, all of its storage
#define AUR_AGENT_PROGRAMS_MAX     256u
#define AUR_AGENT_STACK_BYTES      512u // of each frame, as in Linux (MAX_BPF_STACK)
#define AUR_AGENT_FRAMES           8u   // MAX_CALL_FRAMES

// RFC 9669, section 3.1. A wide instruction, LD_IMM64, is two of these.
struct aur_instruction {
    uint8_t opcode;
    uint8_t registers; // destination in the lower four bits, source in the upper
    int16_t offset;
    int32_t immediate;
};

// What an address's upper 32 bits name; the lower are an offset into it. So addresses are the same
// on every host. There is no region 0: NULL is never valid.
enum aur_agent_region {
    AUR_REGION_NONE,
    AUR_REGION_STACK,
    AUR_REGION_CONTEXT,
    AUR_REGION_MEMORY,     // what `aurora agent exec` is handed
    AUR_REGION_TASKS,      // what an agent that schedules sees of the tasks
    AUR_REGION_MAP,        // offset: the map's number. It is a name; the map's values are below
    AUR_REGION_VALUES = 16 // 16 + n: the values of map n
};

static inline uint64_t aur_agent_address(uint32_t region, uint32_t offset)
{
    return (uint64_t)region << 32 | offset;
}

// How much an agent may do. Each level may do all that those before it may.
enum aur_agent_level {
    AUR_LEVEL_PURE,    // compute
    AUR_LEVEL_CONTEXT, // read its context, and the memory it is handed
    AUR_LEVEL_MAPS,    // keep its own maps
    AUR_LEVEL_SCHEDULE // schedule
};

// Linux's numbers (include/uapi/linux/bpf.h).
enum aur_map_kind {
    AUR_MAP_HASH = 1,
    AUR_MAP_ARRAY = 2,
    AUR_MAP_PER_CPU_ARRAY = 6,
    AUR_MAP_RING_BUFFER = 27,
    AUR_MAP_TASK_STORAGE = 29 // one value a task
};

enum aur_map_flag {
    AUR_MAP_READ_ONLY = 1 // to the agent: .rodata
};

// number, level, arguments, name. Linux's numbers for its helpers; what it has as kfuncs, which it
// calls by name, is numbered from 0x10000 on.
// clang-format off
#define AUR_HELPER_TABLE(X) \
    X(MAP_LOOKUP_ELEM, 1, MAPS, 2, "bpf_map_lookup_elem") \
    X(MAP_UPDATE_ELEM, 2, MAPS, 4, "bpf_map_update_elem") \
    X(MAP_DELETE_ELEM, 3, MAPS, 2, "bpf_map_delete_elem") \
    X(KTIME_GET_NS, 5, SCHEDULE, 0, "bpf_ktime_get_ns") \
    X(GET_PRANDOM_U32, 7, SCHEDULE, 0, "bpf_get_prandom_u32") \
    X(GET_SMP_PROCESSOR_ID, 8, SCHEDULE, 0, "bpf_get_smp_processor_id") \
    X(RINGBUF_OUTPUT, 130, MAPS, 4, "bpf_ringbuf_output") \
    X(TASK_STORAGE_GET, 156, SCHEDULE, 4, "bpf_task_storage_get") \
    X(CREATE_DSQ, 0x10000, SCHEDULE, 2, "scx_bpf_create_dsq") \
    X(DSQ_INSERT, 0x10001, SCHEDULE, 4, "scx_bpf_dsq_insert") \
    X(DSQ_INSERT_VTIME, 0x10002, SCHEDULE, 5, "scx_bpf_dsq_insert_vtime") \
    X(DSQ_MOVE_TO_LOCAL, 0x10003, SCHEDULE, 1, "scx_bpf_dsq_move_to_local") \
    X(DSQ_NR_QUEUED, 0x10004, SCHEDULE, 1, "scx_bpf_dsq_nr_queued") \
    X(DISPATCH_NR_SLOTS, 0x10005, SCHEDULE, 0, "scx_bpf_dispatch_nr_slots") \
    X(SELECT_CPU_DFL, 0x10006, SCHEDULE, 4, "scx_bpf_select_cpu_dfl") \
    X(TEST_AND_CLEAR_CPU_IDLE, 0x10007, SCHEDULE, 1, "scx_bpf_test_and_clear_cpu_idle") \
    X(KICK_CPU, 0x10008, SCHEDULE, 2, "scx_bpf_kick_cpu") \
    X(NR_CPU_IDS, 0x10009, SCHEDULE, 0, "scx_bpf_nr_cpu_ids") \
    X(TASK_CPU, 0x1000a, SCHEDULE, 1, "scx_bpf_task_cpu") \
    X(TASK_RUNNING, 0x1000b, SCHEDULE, 1, "scx_bpf_task_running") \
    X(NOW, 0x1000c, SCHEDULE, 0, "scx_bpf_now") \
    X(TASK_FROM_PID, 0x1000d, SCHEDULE, 1, "bpf_task_from_pid") \
    X(TASK_RELEASE, 0x1000e, SCHEDULE, 1, "bpf_task_release")

enum aur_helper {
#define X(id, number, level, arguments, name) AUR_HELPER_##id = number,
    AUR_HELPER_TABLE(X)
#undef X
};

// Why an image is refused, or how a run ended. name, text.
#define AUR_AGENT_STATUS_TABLE(X) \
    X(DONE, "done") \
    X(BAD_IMAGE, "the image is damaged, or of another build") \
    X(NO_ROOM, "it needs more memory than there is for it") \
    X(TOO_LONG, "more instructions, functions or maps than an agent may have") \
    X(EMPTY, "a program has no instruction") \
    X(BAD_OPCODE, "no such instruction in RFC 9669") \
    X(LEGACY, "the packet access of classic BPF, ABS and IND, is not supported") \
    X(BAD_REGISTER, "no such register, or r10 is written to") \
    X(RESERVED, "a field that the instruction does not use is not 0") \
    X(BAD_WIDE, "the second half of a 64-bit immediate is missing or not blank") \
    X(BAD_JUMP, "a jump leads out of its function, or into a 64-bit immediate") \
    X(FALLS_OFF, "a function can run off its end: end it with exit or ja") \
    X(UNREACHABLE, "no way leads here: take it out") \
    X(BAD_CALL, "a call leads to no function") \
    X(NO_HELPER, "no such helper") \
    X(LEVEL, "more than the sandbox level allows") \
    X(NO_MAP, "no such map") \
    X(UNSET, "a register is read before it is set") \
    X(STACK_BOUNDS, "outside of the stack frame of 512 bytes") \
    X(CONTEXT_BOUNDS, "outside of the context, or written to it") \
    X(FUEL, "out of fuel") \
    X(BAD_ADDRESS, "no memory at this address, or not so much") \
    X(READ_ONLY, "this memory may only be read") \
    X(TOO_DEEP, "calls are nested more than 8 deep") \
    X(REFUSED, "the host refused a helper's call")
// clang-format on

enum aur_agent_status {
#define X(name, text) AUR_AGENT_##name,
    AUR_AGENT_STATUS_TABLE(X)
#undef X
    AUR_AGENT_STATUS_COUNT
};

const char *aur_agent_status_text(uint32_t status); // "unknown" for a number outside the table

// By number or by name; the number of a helper that is none is AUR_NONE, its name NULL.
const char *aur_helper_name(uint32_t helper);
uint32_t aur_helper_find(const char *name, size_t length);
enum aur_agent_level aur_helper_level(uint32_t helper); // of one that there is
uint32_t aur_helper_arguments(uint32_t helper);         // likewise, how many it reads

// A function: from one that can be run by its name, or one that others call.
struct aur_program {
    uint32_t name_at; // byte offset in the image, ended by 0
    uint32_t first;   // instruction
    uint32_t count;
    uint32_t is_entry;
};

struct aur_map {
    uint32_t name_at;
    uint32_t kind; // enum aur_map_kind
    uint32_t flags;
    uint32_t key_bytes, value_bytes, entries;
    uint32_t stride;       // from one value to the next, a multiple of 8
    uint32_t values_at;    // byte offsets in the image
    uint32_t values_bytes; // a per-CPU array has all of them once for each CPU
    uint32_t index_at;     // hash: see map.c; ring buffer: its head
    uint32_t bytes;        // of values and index
    uint32_t used;         // hash: entries
};

// The head of an image. Offsets count bytes from here.
struct aur_image {
    uint64_t magic;
    uint32_t bytes;
    uint32_t cpus, tasks; // that its maps have room for
    uint32_t level;       // enum aur_agent_level: the least that it needs
    uint32_t instruction_count, instructions_at, marks_at;
    uint32_t program_count, programs_at;
    uint32_t map_count, maps_at;
    uint32_t names_at, names_bytes;
    uint32_t reserved;
};

static inline const struct aur_program *aur_image_program(const struct aur_image *image,
                                                          uint32_t program)
{
    return (const struct aur_program *)(const void *)((const unsigned char *)image +
                                                      image->programs_at) +
           program;
}

static inline const struct aur_map *aur_image_map(const struct aur_image *image, uint32_t map)
{
    return (const struct aur_map *)(const void *)((const unsigned char *)image + image->maps_at) +
           map;
}

static inline const struct aur_instruction *aur_image_instructions(const struct aur_image *image)
{
    return (const struct aur_instruction *)(const void *)((const unsigned char *)image +
                                                          image->instructions_at);
}

static inline const char *aur_image_name(const struct aur_image *image, uint32_t name_at)
{
    return (const char *)image + name_at;
}

// The entry called `name`, or AUR_NONE.
uint32_t aur_image_find(const struct aur_image *image, const char *name);

// What an image is made of. Names are ended by 0, "" is none.
struct aur_agent_map_source {
    const char *name;
    uint32_t kind, flags, key_bytes, value_bytes, entries;
    const void *contents;     // of an array's values, or NULL: zeros
    uint32_t contents_stride; // from one to the next; 0: value_bytes
};

struct aur_agent_program_source {
    const char *name;
    uint32_t first, count;
    bool is_entry;
};

struct aur_agent_source {
    const struct aur_instruction *instructions;
    uint32_t instruction_count;
    const struct aur_agent_program_source *programs; // in the order of their instructions; none:
    uint32_t program_count;                          // one, the entry "main"
    const struct aur_agent_map_source *maps;
    uint32_t map_count;
    uint32_t cpus, tasks; // that per-CPU arrays and task storage are for, at least 1 each
};

// Where it was refused; instruction is AUR_NONE if that is not the place.
struct aur_agent_refusal {
    uint32_t status; // enum aur_agent_status
    uint32_t instruction;
};

// Lays the parts out as an image of at most `room` bytes at `block`, aligned to 8. The functions
// that nobody names are found by the calls to them. Returns its bytes; 0: refused (BAD_IMAGE for
// maps and programs out of range; NO_ROOM; what structure asks of jumps and calls).
size_t aur_agent_build(const struct aur_agent_source *source, void *block, size_t room,
                       struct aur_agent_refusal *refusal);

// The same agent, as it was built, for other numbers of CPUs and tasks: of an image that has
// structure and has not run. What a map's values are is kept of arrays.
size_t aur_agent_rebuild(const struct aur_image *image, uint32_t cpus, uint32_t tasks, void *block,
                         size_t room, struct aur_agent_refusal *refusal);

// Whether the interpreter may be let loose on these bytes, which may come from anywhere: every
// opcode, register, jump, call and map exists, nothing runs off an end. That is all that it needs
// to be safe. Cost: linear.
bool aur_agent_structure(const struct aur_image *image, size_t bytes,
                         struct aur_agent_refusal *refusal);

// Of an image that has structure: whether each instruction can be reached, no register is read
// before it is set on any way there, and what is known of addresses in the stack and the context is
// in bounds. Loops are allowed. `scratch` is aur_agent_scratch_bytes(), aligned to 4. Cost: each
// instruction is looked at no more often than what is known of it can shrink, 34 times.
struct aur_agent_contract {
    uint32_t context_bytes; // that r1 leads to; AUR_NONE: r1 and r2 are something else
    bool result;            // r0 must be set when a program exits
};

size_t aur_agent_scratch_bytes(const struct aur_image *image);
// The most that an image of so many bytes may need.
uint64_t aur_agent_scratch_most(uint64_t bytes);
bool aur_agent_verify(const struct aur_image *image, const struct aur_agent_contract *contract,
                      void *scratch, struct aur_agent_refusal *refusal);

// Memory that a host lends to one run.
struct aur_agent_span {
    void *bytes;
    uint32_t size;
    // What may be written: of every `stride` bytes the first `writable`. 0, 0: nothing;
    // stride 0: the first `writable` of all.
    uint32_t writable, stride;
};

struct aur_agent_run;

struct aur_agent_env {
    struct aur_agent_span context, memory, tasks;
    uint64_t r1, r2; // what the program is handed
    uint64_t fuel;   // instructions that it may execute
    uint32_t cpu;    // whose values of per-CPU arrays are meant
    // The helpers of AUR_LEVEL_SCHEDULE; NULL: each is REFUSED. Returns r0. To end the run it calls
    // aur_agent_refuse.
    uint64_t (*call)(void *host, struct aur_agent_run *run, uint32_t helper,
                     const uint64_t arguments[5]);
    void *host;
};

struct aur_agent_result {
    uint32_t status;      // enum aur_agent_status
    uint32_t instruction; // where it ended
    uint64_t r0;
    uint64_t fuel; // used
};

// Runs a program of an image that has structure from its first instruction until it exits, faults
// or is out of fuel, which is the same instruction on every host.
void aur_agent_run(struct aur_image *image, uint32_t program, const struct aur_agent_env *env,
                   struct aur_agent_result *result);

// For a host's helpers. Copies from or to an address of the agent; false: the run has ended with
// BAD_ADDRESS or READ_ONLY.
bool aur_agent_read(struct aur_agent_run *run, uint64_t address, void *to, uint32_t size);
bool aur_agent_write(struct aur_agent_run *run, uint64_t address, const void *from, uint32_t size);
void aur_agent_refuse(struct aur_agent_run *run);
// The number of the map that a helper was handed, if it is of that kind; else AUR_NONE, and the run
// has ended with NO_MAP.
uint32_t aur_agent_map(struct aur_agent_run *run, uint64_t address, enum aur_map_kind kind);

// Of map `map` on `cpu`: the bytes of the value of `key`, key_bytes long, or NULL. For hosts that
// look at what an agent has kept.
const void *aur_map_value(const struct aur_image *image, uint32_t map, uint32_t cpu,
                          const void *key);
// The next record of a ring buffer from *at on, which begins with 0: its bytes, and *size; NULL
// after the last.
const void *aur_map_record(const struct aur_image *image, uint32_t map, uint32_t *at,
                           uint32_t *size);

#endif
