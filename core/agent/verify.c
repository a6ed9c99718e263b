// What is known of the registers before each instruction, on every way there: which are set, and
// which hold an address in the stack or the context at a known offset. Facts only ever get fewer
// where ways meet, so that the search ends, however the program loops (Kildall, A Unified Approach
// to Global Program Optimization, POPL 1973).
#include "agent/image.h"
#include "agent/isa.h"

#define SEEN    0x8000u // in `set`
#define PENDING 0x4000u
#define ALL     0x07ffu // registers
#define CALLEE  0x07c0u // r6 to r10, which outlast a call

// Invariant: a register is in `stack` or `context`, not in both, only if it is in `set`; its offset
// then says where its address lies, from the frame pointer or the beginning of the context.
struct facts {
    uint32_t next; // the next one that is pending
    uint16_t set, stack, context;
    int16_t offset[AUR_BPF_REGISTERS];
};

struct search {
    const struct aur_image *image;
    const struct aur_agent_contract *contract;
    struct facts *all; // of each instruction, before it
    uint32_t pending;
};

size_t aur_agent_scratch_bytes(const struct aur_image *image)
{
    return image->instruction_count * sizeof(struct facts);
}

uint64_t aur_agent_scratch_most(uint64_t bytes)
{
    return bytes / sizeof(struct aur_instruction) * sizeof(struct facts);
}

static uint16_t bit(uint32_t r)
{
    return (uint16_t)(1u << r);
}

static bool same_place(const struct facts *a, const struct facts *b, uint32_t r)
{
    bool stack = a->stack & b->stack & bit(r), context = a->context & b->context & bit(r);
    return (stack || context) && a->offset[r] == b->offset[r];
}

// The instruction can be come to with these facts.
static void meet(struct search *search, uint32_t at, const struct facts *from)
{
    struct facts *to = &search->all[at];
    struct facts met = *from;
    if (to->set & SEEN) {
        met.set &= to->set & ALL;
        for (uint32_t r = 0; r < AUR_BPF_REGISTERS; r++)
            if (!same_place(to, from, r)) {
                met.stack &= (uint16_t)~bit(r);
                met.context &= (uint16_t)~bit(r);
            }
        if (met.set == (to->set & ALL) && met.stack == to->stack && met.context == to->context)
            return;
    }
    bool was_pending = to->set & PENDING;
    met.next = was_pending ? to->next : search->pending;
    met.set = (uint16_t)((met.set & ALL) | SEEN | PENDING);
    *to = met;
    if (!was_pending)
        search->pending = at;
}

static void forget(struct facts *facts, uint32_t r)
{
    facts->set |= bit(r);
    facts->stack &= (uint16_t)~bit(r);
    facts->context &= (uint16_t)~bit(r);
}

// dst = src + add, 64 bits wide.
static void set_sum(struct facts *facts, uint32_t to, uint32_t from, int64_t add)
{
    int64_t offset = facts->offset[from] + add;
    uint16_t stack = facts->stack & bit(from), context = facts->context & bit(from);
    forget(facts, to);
    if (offset < INT16_MIN || offset > INT16_MAX)
        return;
    facts->stack |= stack ? bit(to) : 0;
    facts->context |= context ? bit(to) : 0;
    facts->offset[to] = (int16_t)offset;
}

static enum aur_agent_status alu(struct facts *facts, struct aur_instruction in)
{
    uint32_t to = aur_bpf_to(in), code = in.opcode & 0xf0u;
    bool by_register = in.opcode & AUR_BPF_X && code != AUR_BPF_END;
    uint16_t reads =
        (uint16_t)((code != AUR_BPF_MOV ? bit(to) : 0) | (by_register ? bit(aur_bpf_from(in)) : 0));
    if (reads & ~facts->set)
        return AUR_AGENT_UNSET;
    bool wide = (in.opcode & 7u) == AUR_BPF_ALU64;
    if (wide && code == AUR_BPF_MOV && by_register && in.offset == 0)
        set_sum(facts, to, aur_bpf_from(in), 0);
    else if (wide && !by_register && code == AUR_BPF_ADD)
        set_sum(facts, to, to, in.immediate);
    else if (wide && !by_register && code == AUR_BPF_SUB)
        set_sum(facts, to, to, -(int64_t)in.immediate);
    else
        forget(facts, to);
    return AUR_AGENT_DONE;
}

// `bytes` at the address in r + offset.
static enum aur_agent_status touches(const struct search *search, const struct facts *facts,
                                     uint32_t r, struct aur_instruction in, bool writes)
{
    int32_t at = facts->offset[r] + in.offset, bytes = (int32_t)aur_bpf_bytes(in.opcode);
    if (facts->stack & bit(r) && (at < -(int32_t)AUR_AGENT_STACK_BYTES || at + bytes > 0))
        return AUR_AGENT_STACK_BOUNDS;
    if (facts->context & bit(r) &&
        (writes || at < 0 || (uint32_t)(at + bytes) > search->contract->context_bytes))
        return AUR_AGENT_CONTEXT_BOUNDS;
    return AUR_AGENT_DONE;
}

static enum aur_agent_status memory(const struct search *search, struct facts *facts,
                                    struct aur_instruction in)
{
    uint32_t to = aur_bpf_to(in), from = aur_bpf_from(in), class = in.opcode & 7u;
    bool loads = class == AUR_BPF_LDX, atomic = (in.opcode & 0xe0u) == AUR_BPF_ATOMIC && !loads;
    uint32_t base = loads ? from : to;
    uint16_t reads = bit(base) | (class == AUR_BPF_STX ? bit(from) : 0);
    if (atomic && in.immediate == AUR_BPF_CMPXCHG)
        reads |= bit(0);
    if (reads & ~facts->set)
        return AUR_AGENT_UNSET;
    enum aur_agent_status status = touches(search, facts, base, in, !loads);
    if (loads)
        forget(facts, to);
    else if (atomic && in.immediate & AUR_BPF_FETCH)
        forget(facts, in.immediate == AUR_BPF_CMPXCHG ? 0 : from);
    return status;
}

// A local call leads to its function as well; an address in the caller's frame is none that is
// known there.
static enum aur_agent_status call(struct search *search, struct facts *facts, uint32_t at)
{
    struct aur_instruction in = aur_image_instructions(search->image)[at];
    if (aur_bpf_is_local_call(in)) {
        struct facts inside = *facts;
        inside.set = (uint16_t)((facts->set & 0x3eu) | bit(AUR_BPF_FRAME));
        inside.context &= inside.set;
        inside.stack = bit(AUR_BPF_FRAME);
        inside.offset[AUR_BPF_FRAME] = 0;
        meet(search, aur_bpf_target(in, at, search->image->instruction_count), &inside);
    } else {
        uint32_t arguments = aur_helper_arguments((uint32_t)in.immediate);
        if (((2u << arguments) - 2u) & ~(uint32_t)facts->set)
            return AUR_AGENT_UNSET;
    }
    facts->set &= CALLEE;
    facts->stack &= CALLEE;
    facts->context &= CALLEE;
    forget(facts, 0);
    return AUR_AGENT_DONE;
}

static bool is_in_entry(const struct aur_image *image, uint32_t at)
{
    for (uint32_t i = 0; i < image->program_count; i++) {
        const struct aur_program *program = aur_image_program(image, i);
        if (at - program->first < program->count)
            return program->is_entry;
    }
    return false;
}

// Takes the facts past the instruction, to those that may follow it.
static enum aur_agent_status follow(struct search *search, uint32_t at)
{
    const struct aur_image *image = search->image;
    struct aur_instruction in = aur_image_instructions(image)[at];
    struct facts facts = search->all[at];
    enum aur_agent_status status = AUR_AGENT_DONE;
    uint32_t code = in.opcode & 0xf0u, next = at + 1;
    switch ((enum aur_bpf_class)(in.opcode & 7u)) {
    case AUR_BPF_ALU:
    case AUR_BPF_ALU64:
        status = alu(&facts, in);
        break;
    case AUR_BPF_LD:
        forget(&facts, aur_bpf_to(in));
        next = at + 2;
        break;
    case AUR_BPF_LDX:
    case AUR_BPF_ST:
    case AUR_BPF_STX:
        status = memory(search, &facts, in);
        break;
    case AUR_BPF_JMP:
    case AUR_BPF_JMP32:
        if (code == AUR_BPF_EXIT)
            return search->contract->result && !(facts.set & bit(0)) && is_in_entry(image, at)
                       ? AUR_AGENT_UNSET
                       : AUR_AGENT_DONE;
        if (code == AUR_BPF_CALL) {
            status = call(search, &facts, at);
            break;
        }
        if (code != AUR_BPF_JA) {
            uint16_t reads =
                bit(aur_bpf_to(in)) | (in.opcode & AUR_BPF_X ? bit(aur_bpf_from(in)) : 0);
            if (reads & ~facts.set)
                return AUR_AGENT_UNSET;
        }
        meet(search, aur_bpf_target(in, at, image->instruction_count), &facts);
        if (code == AUR_BPF_JA)
            return AUR_AGENT_DONE;
        break;
    }
    if (status == AUR_AGENT_DONE)
        meet(search, next, &facts);
    return status;
}

static void begin(struct search *search)
{
    struct facts facts = {.stack = bit(AUR_BPF_FRAME)};
    facts.set = bit(1) | bit(AUR_BPF_FRAME);
    if (search->contract->context_bytes == AUR_NONE)
        facts.set |= bit(2);
    else
        facts.context = bit(1);
    for (uint32_t i = 0; i < search->image->program_count; i++)
        if (aur_image_program(search->image, i)->is_entry)
            meet(search, aur_image_program(search->image, i)->first, &facts);
}

bool aur_agent_verify(const struct aur_image *image, const struct aur_agent_contract *contract,
                      void *scratch, struct aur_agent_refusal *refusal)
{
    struct search search = {image, contract, scratch, AUR_NONE};
    memset(scratch, 0, aur_agent_scratch_bytes(image));
    begin(&search);
    while (search.pending != AUR_NONE) {
        uint32_t at = search.pending;
        struct facts *facts = &search.all[at];
        search.pending = facts->next;
        facts->set &= (uint16_t)~PENDING;
        enum aur_agent_status status = follow(&search, at);
        if (status != AUR_AGENT_DONE) {
            *refusal = (struct aur_agent_refusal){status, at};
            return false;
        }
    }
    for (uint32_t at = 0; at < image->instruction_count; at++)
        if (!(search.all[at].set & SEEN) && !(aur_image_marks(image)[at] & AUR_MARK_SECOND)) {
            *refusal = (struct aur_agent_refusal){AUR_AGENT_UNREACHABLE, at};
            return false;
        }
    *refusal = (struct aur_agent_refusal){AUR_AGENT_DONE, AUR_NONE};
    return true;
}
