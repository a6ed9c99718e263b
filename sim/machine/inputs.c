// Inputs as bytes, and their digest.
#include "machine/inputs_form.h"

#include <stdlib.h>
#include <string.h>

#include <aurora/core.h>

void aur_inputs_init(struct aur_inputs *inputs)
{
    memset(inputs, 0, sizeof *inputs);
    aur_machine_default(&inputs->machine);
    aur_workload_init(&inputs->workload);
    struct aur_config usual;
    aur_config_default(&usual, 1, AUR_NONE);
    for (uint32_t slot = 0; slot < AUR_SLOT_FAIR; slot++)
        aur_scheduler_choose(&inputs->above[slot], aur_class_info(usual.classes[slot]));
}

void aur_inputs_free(struct aur_inputs *inputs)
{
    aur_workload_free(&inputs->workload);
    free(inputs->agent);
    memset(inputs, 0, sizeof *inputs);
}

// --- writing -------------------------------------------------------------------------------------

struct writer {
    uint8_t *bytes;
    size_t size, room;
    bool failed; // memory is out
};

static void put_bytes(struct writer *writer, const void *bytes, size_t size)
{
    if (writer->failed || !size)
        return;
    if (writer->room - writer->size < size) {
        size_t room = writer->room * 2 + size + 256;
        uint8_t *grown = realloc(writer->bytes, room);
        if (!grown) {
            writer->failed = true;
            return;
        }
        writer->bytes = grown;
        writer->room = room;
    }
    memcpy(writer->bytes + writer->size, bytes, size);
    writer->size += size;
}

static void put_word(struct writer *writer, uint64_t value)
{
    uint8_t bytes[8];
    for (uint32_t i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
    put_bytes(writer, bytes, sizeof bytes);
}

static void put_number(struct writer *writer, uint64_t value)
{
    uint8_t bytes[10];
    uint32_t count = 0;
    for (; value >= 0x80; value >>= 7)
        bytes[count++] = (uint8_t)(value | 0x80);
    bytes[count++] = (uint8_t)value;
    put_bytes(writer, bytes, count);
}

// AUR_NONE is common and becomes 0.
static void put_index(struct writer *writer, uint32_t index)
{
    put_number(writer, (uint64_t)(uint32_t)(index + 1));
}

// A double as the bits of IEEE 754 binary64.
static void put_real(struct writer *writer, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_word(writer, bits);
}

// Its kind's parameters only, so that what a kind does not use cannot tell two runs apart.
static void put_distribution(struct writer *writer, const struct aur_distribution *distribution)
{
    const struct aur_distribution_info *info = aur_distribution_info(distribution->kind);
    const double parameters[AUR_DISTRIBUTION_PARAMETERS_MAX] = {distribution->a, distribution->b,
                                                                distribution->c};
    put_number(writer, distribution->kind);
    for (uint32_t i = 0; info && i < info->parameters; i++)
        put_real(writer, parameters[i]);
    put_number(writer, distribution->sample_count);
    for (uint32_t i = 0; i < distribution->sample_count; i++)
        put_real(writer, distribution->samples[i]);
}

static void put_workload(struct writer *writer, const struct aur_workload *workload)
{
    put_number(writer, workload->spec_count);
    put_number(writer, workload->op_count);
    put_number(writer, workload->object_count);
    put_number(writer, workload->group_count);
    put_number(writer, workload->distribution_count);
    put_number(writer, workload->name_bytes);
    put_number(writer, workload->timers);
    put_number(writer, workload->duration_ns);
    put_bytes(writer, workload->names, workload->name_bytes);
    for (uint32_t i = 0; i < workload->spec_count; i++) {
        const struct aur_spec *spec = &workload->specs[i];
        const uint64_t fields[] = {spec->name,         spec->instances,     spec->entry,
                                   spec->kind,         spec->affinity,      spec->start_ns,
                                   spec->slice_ns,     spec->dl_runtime_ns, spec->dl_deadline_ns,
                                   spec->dl_period_ns, spec->timers,        spec->group};
        for (size_t k = 0; k < sizeof fields / sizeof fields[0]; k++)
            put_number(writer, fields[k]);
    }
    for (uint32_t i = 0; i < workload->op_count; i++) {
        const struct aur_op *op = &workload->ops[i];
        const uint8_t head[] = {op->code, op->flags};
        put_bytes(writer, head, sizeof head);
        put_index(writer, op->object);
        put_index(writer, op->other);
        put_number(writer, op->value);
        put_number(writer, op->deadline_ns);
    }
    for (uint32_t i = 0; i < workload->object_count; i++) {
        put_number(writer, workload->objects[i].name);
        put_number(writer, workload->objects[i].kind);
        put_number(writer, workload->objects[i].parameter);
    }
    for (uint32_t i = 0; i < workload->group_count; i++) {
        const struct aur_group_spec *group = &workload->groups[i];
        const uint64_t fields[] = {group->name, group->parent, group->weight, group->quota_ns,
                                   group->period_ns};
        for (size_t k = 0; k < sizeof fields / sizeof fields[0]; k++)
            put_number(writer, fields[k]);
    }
    for (uint32_t i = 0; i < workload->distribution_count; i++)
        put_distribution(writer, &workload->distributions[i]);
}

static void put_choice(struct writer *writer, const struct aur_scheduler_choice *choice)
{
    uint32_t count = params_of(choice);
    put_bytes(writer, choice->name, sizeof choice->name);
    put_number(writer, count);
    for (uint32_t i = 0; i < count; i++)
        put_word(writer, choice->params[i]);
}

static void put_outages(struct writer *writer, const struct aur_inputs *inputs)
{
    put_number(writer, inputs->outage_count);
    for (uint32_t i = 0; i < inputs->outage_count; i++) {
        put_number(writer, inputs->outages[i].cpu);
        put_word(writer, inputs->outages[i].from_ns);
        put_word(writer, inputs->outages[i].to_ns);
    }
}

uint8_t *aur_inputs_encode(const struct aur_inputs *inputs, size_t *size)
{
    struct writer writer = {.bytes = NULL};
    const uint8_t head[] = {'A', 'U', 'R', 'I', INPUTS_VERSION, 0, 0, 0};

    put_bytes(&writer, head, sizeof head);
    put_word(&writer, MACHINE_FIELDS);
    for (size_t i = 0; i < MACHINE_FIELDS; i++) {
        uint64_t value;
        memcpy(&value, (const char *)&inputs->machine + machine_fields[i].offset, sizeof value);
        put_word(&writer, value);
    }
    put_choice(&writer, &inputs->scheduler);
    if (inputs->agent) {
        put_number(&writer, inputs->agent->bytes);
        put_bytes(&writer, inputs->agent, inputs->agent->bytes);
    }
    for (uint32_t slot = 0; slot < AUR_SLOT_FAIR; slot++)
        put_choice(&writer, &inputs->above[slot]);
    put_word(&writer, inputs->seed);
    put_word(&writer, inputs->replication);
    put_word(&writer, inputs->duration_ns);
    put_word(&writer, inputs->warmup_ns);
    put_outages(&writer, inputs);
    put_workload(&writer, &inputs->workload);
    if (writer.failed) {
        free(writer.bytes);
        return NULL;
    }
    *size = writer.size;
    return writer.bytes;
}

// --- the digest ----------------------------------------------------------------------------------

// One round of MurmurHash3 x64 (Appleby 2008) a word, with one lane, and its finaliser. For a
// fixed word a round is a bijection of the state, and for a fixed state one of the word: inputs
// that differ in a single word never collide. Not cryptographic.
static uint64_t rotate(uint64_t value, uint32_t by)
{
    return value << by | value >> (64 - by);
}

static uint64_t take_word(uint64_t state, uint64_t word)
{
    word *= UINT64_C(0x87c37b91114253d5);
    word = rotate(word, 31) * UINT64_C(0x4cf5ad432745937f);
    return rotate(state ^ word, 27) * 5 + UINT64_C(0x52dce729);
}

static uint64_t word_at(const uint8_t *bytes, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size && i < 8; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

uint64_t aur_inputs_digest(const uint8_t *bytes, size_t size)
{
    uint64_t state = UINT64_C(0x243f6a8885a308d3);
    size_t at = 0;
    for (; size - at >= 8; at += 8)
        state = take_word(state, word_at(bytes + at, 8));
    state = take_word(state, word_at(bytes + at, size - at)); // zero-padded, hence the length too
    state = take_word(state, size);
    state = (state ^ state >> 33) * UINT64_C(0xff51afd7ed558ccd);
    state = (state ^ state >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return state ^ state >> 33;
}
