#include <aurora/trace.h>

#include "trace/chunk.h"
#include "trace/model.h"

struct decoder {
    struct aur_model model;
    const uint8_t *at[AUR_COLUMNS];
    const uint8_t *end[AUR_COLUMNS];
    bool broken; // something read was not there or not possible
    uint32_t shape_count;
    struct aur_trace_shape shapes[AUR_SHAPES];
    uint32_t known[AUR_KNOWN];
    uint32_t descriptors[UINT8_MAX + 1]; // of a shape that is not numbered
};

_Static_assert(sizeof(struct decoder) <= sizeof(struct aur_trace_scratch), "scratch is too small");

const char *aur_trace_status_text(enum aur_trace_status status)
{
    switch (status) {
#define X(name, text)                                                                              \
    case AUR_TRACE_##name:                                                                         \
        return text;
        AUR_TRACE_STATUS_TABLE(X)
#undef X
    case AUR_TRACE_STATUS_COUNT:
        break;
    }
    return "unknown status";
}

static uint64_t fail(struct decoder *d)
{
    d->broken = true;
    return 0;
}

static uint32_t get_byte(struct decoder *d, enum aur_trace_column column)
{
    if (d->at[column] == d->end[column])
        return (uint32_t)fail(d);
    return *d->at[column]++;
}

// A number of at most `most`.
static uint64_t get_number(struct decoder *d, enum aur_trace_column column, uint64_t most)
{
    const uint8_t *at = d->at[column], *end = d->end[column];
    uint64_t value = 0;
    for (unsigned shift = 0; at != end; shift += 7) {
        uint64_t byte = *at++;
        // The tenth byte holds bit 63 alone; a last byte of 0 would be a longer way to say it.
        if ((shift == 63 && byte > 1) || (shift > 0 && byte == 0))
            return fail(d);
        value |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
            d->at[column] = at;
            return value <= most ? value : fail(d);
        }
    }
    return fail(d);
}

static uint32_t get_id(struct decoder *d)
{
    return (uint32_t)get_number(d, AUR_COLUMN_IDS, UINT32_MAX) - 1;
}

static uint32_t get_other(struct decoder *d, uint8_t kind, uint32_t descriptor)
{
    return descriptor >> AUR_CHOICE_OTHER & 1 ? get_id(d) : aur_model_kind(&d->model, kind)->other;
}

static uint64_t get_explicit_arg(struct decoder *d, unsigned choice, uint64_t now_ns)
{
    uint64_t number = get_number(d, AUR_COLUMN_ARGS, UINT64_MAX);
    return choice == AUR_ARG_DELTA ? now_ns + aur_unfold(number) : number;
}

static void decode_event(struct decoder *d, uint32_t descriptor, struct aur_record *event)
{
    struct aur_model *model = &d->model;
    event->kind = (uint8_t)descriptor;
    if (aur_record_is_action(event))
        fail(d);

    unsigned choice = descriptor >> AUR_CHOICE_CPU & 3;
    event->cpu =
        (uint16_t)(choice == AUR_CPU_EXPLICIT ? get_number(d, AUR_COLUMN_CPUS, UINT16_MAX)
                                              : aur_expect_event_cpu(model, event->kind, choice));
    choice = descriptor >> AUR_CHOICE_TASK & 7;
    event->task = choice >= AUR_TASK_EXPLICIT
                      ? get_id(d)
                      : aur_expect_event_task(model, event->kind, event->cpu, choice);
    choice = descriptor >> AUR_CHOICE_NOW & 3;
    event->now_ns = choice == AUR_NOW_EXPLICIT
                        ? model->now_ns + get_number(d, AUR_COLUMN_TIMES, UINT64_MAX)
                        : aur_expect_now(model, event, choice);
    choice = descriptor >> AUR_CHOICE_OBJECT & 3;
    event->object =
        choice == AUR_OBJECT_EXPLICIT ? get_id(d) : aur_expect_event_object(model, event, choice);
    event->other = get_other(d, event->kind, descriptor);
    choice = descriptor >> AUR_CHOICE_ARG;
    event->arg = choice > AUR_ARG_NEVER ? get_explicit_arg(d, choice, event->now_ns)
                                        : aur_expect_event_arg(model, event, choice);
}

static void decode_action(struct decoder *d, uint32_t descriptor, const struct aur_record *event,
                          struct aur_record *action)
{
    struct aur_model *model = &d->model;
    const struct aur_record *before = action - 1;
    action->now_ns = event->now_ns;
    action->actions = 0;
    action->kind = (uint8_t)descriptor;
    if (!aur_record_is_action(action) || (descriptor >> AUR_CHOICE_NOW & 3) != 0)
        fail(d);

    unsigned choice = descriptor >> AUR_CHOICE_TASK & 7;
    action->task = choice >= AUR_TASK_EXPLICIT
                       ? get_id(d)
                       : aur_expect_action_task(model, event, before, action->kind, choice);
    choice = descriptor >> AUR_CHOICE_CPU & 3;
    action->cpu =
        (uint16_t)(choice == AUR_CPU_EXPLICIT
                       ? get_number(d, AUR_COLUMN_CPUS, UINT16_MAX)
                       : aur_expect_action_cpu(model, event, before, action->task, choice));
    choice = descriptor >> AUR_CHOICE_OBJECT & 3;
    action->object = choice == AUR_OBJECT_EXPLICIT
                         ? get_id(d)
                         : aur_expect_action_object(model, event, action, choice);
    action->other = get_other(d, action->kind, descriptor);
    choice = descriptor >> AUR_CHOICE_ARG;
    if (choice == AUR_ARG_OWNER)
        action->arg = aur_model_task(model, get_id(d))->wake_at_ns;
    else
        action->arg = choice > AUR_ARG_OWNER ? get_explicit_arg(d, choice, event->now_ns)
                                             : aur_expect_action_arg(model, event, action, choice);
}

static uint32_t get_descriptor(struct decoder *d)
{
    uint32_t place = get_byte(d, AUR_COLUMN_CODES);
    if (place != 0)
        return d->known[place];
    const uint8_t *at = d->at[AUR_COLUMN_CODES];
    if (d->end[AUR_COLUMN_CODES] - at < 3)
        return (uint32_t)fail(d);
    uint32_t descriptor = (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16;
    if (descriptor >> AUR_DESCRIPTOR_BITS)
        return (uint32_t)fail(d);
    d->known[aur_known_place(descriptor)] = descriptor;
    d->at[AUR_COLUMN_CODES] = at + 3;
    return descriptor;
}

// Reads a new shape and numbers it, or not, by the encoder's rule.
static const uint32_t *get_new_shape(struct decoder *d, uint32_t *records)
{
    *records = get_byte(d, AUR_COLUMN_CODES) + 1;
    uint32_t *descriptors = d->descriptors;
    if (*records <= AUR_SHAPE_RECORDS && d->shape_count < AUR_SHAPES) {
        struct aur_trace_shape *shape = &d->shapes[d->shape_count++];
        shape->records = *records;
        descriptors = shape->descriptors;
    }
    for (uint32_t i = 0; i < *records; i++)
        descriptors[i] = get_descriptor(d);
    return descriptors;
}

static const uint32_t *get_shape(struct decoder *d, uint32_t code, uint32_t *records)
{
    if (code == AUR_CODE_SHAPE)
        return get_new_shape(d, records);
    uint32_t number = code - AUR_CODE_SHORT;
    if (code >= AUR_CODE_LONG)
        number = AUR_SHAPES_SHORT + ((code - AUR_CODE_LONG) << 8) + get_byte(d, AUR_COLUMN_CODES);
    if (number >= d->shape_count) {
        fail(d);
        return NULL;
    }
    *records = d->shapes[number].records;
    return d->shapes[number].descriptors;
}

static void get_raw(struct decoder *d, struct aur_record *record)
{
    const uint8_t *at = d->at[AUR_COLUMN_CODES];
    if (d->end[AUR_COLUMN_CODES] - at < 32) {
        fail(d);
        return;
    }
    record->now_ns = aur_get_u64(at);
    record->arg = aur_get_u64(at + 8);
    record->task = aur_get_u32(at + 16);
    record->object = aur_get_u32(at + 20);
    record->other = aur_get_u32(at + 24);
    uint32_t rest = aur_get_u32(at + 28);
    record->cpu = (uint16_t)rest;
    record->kind = (uint8_t)(rest >> 16);
    record->actions = (uint8_t)(rest >> 24);
    d->at[AUR_COLUMN_CODES] = at + 32;
}

// Fills the next of `room` records; returns how many, or breaks the decoder.
static uint32_t decode_some(struct decoder *d, struct aur_record *records, uint32_t room)
{
    uint32_t code = get_byte(d, AUR_COLUMN_CODES);
    if (d->broken)
        return 0;
    if (code == AUR_CODE_RECORD) {
        get_raw(d, records);
        return 1;
    }
    uint32_t count = 0;
    const uint32_t *descriptors = get_shape(d, code, &count);
    if (descriptors == NULL || count > room)
        return (uint32_t)fail(d);
    decode_event(d, descriptors[0], records);
    records->actions = (uint8_t)(count - 1);
    aur_model_take_event(&d->model, records);
    for (uint32_t i = 1; i < count; i++) {
        decode_action(d, descriptors[i], records, &records[i]);
        aur_model_take_action(&d->model, records, &records[i]);
    }
    return count;
}

enum aur_trace_status aur_trace_header(const uint8_t *bytes, size_t size,
                                       struct aur_trace_chunk *chunk)
{
    if (size >= 4 && aur_get_u32(bytes + AUR_AT_MAGIC) != AUR_TRACE_MAGIC)
        return AUR_TRACE_FOREIGN;
    if (size < AUR_TRACE_HEADER_BYTES)
        return AUR_TRACE_TRUNCATED;
    if (aur_get_u32(bytes + AUR_AT_VERSION) != AUR_TRACE_VERSION)
        return AUR_TRACE_NEWER;
    chunk->records = aur_get_u32(bytes + AUR_AT_RECORDS);
    chunk->events = aur_get_u32(bytes + AUR_AT_EVENTS);
    chunk->first_ns = aur_get_u64(bytes + AUR_AT_FIRST);
    chunk->last_ns = aur_get_u64(bytes + AUR_AT_LAST);
    if (chunk->records == 0 || chunk->records > AUR_TRACE_RECORDS_MAX ||
        chunk->events > chunk->records || aur_get_u32(bytes + AUR_AT_RESERVED) != 0)
        return AUR_TRACE_MALFORMED;
    chunk->bytes = AUR_TRACE_HEADER_BYTES;
    for (uint32_t column = 0; column < AUR_COLUMNS; column++) {
        uint32_t length = aur_get_u32(bytes + AUR_AT_COLUMNS + 4 * column);
        if (length > chunk->records * aur_column_worst[column])
            return AUR_TRACE_MALFORMED;
        chunk->bytes += length;
    }
    return AUR_TRACE_OK;
}

enum aur_trace_status aur_trace_decode(struct aur_trace_scratch *scratch, const uint8_t *bytes,
                                       size_t size, struct aur_record *records, uint32_t capacity,
                                       uint32_t *count)
{
    struct aur_trace_chunk chunk;
    *count = 0;
    enum aur_trace_status status = aur_trace_header(bytes, size, &chunk);
    if (status != AUR_TRACE_OK)
        return status;
    if (size != chunk.bytes)
        return AUR_TRACE_TRUNCATED;
    if (aur_get_u64(bytes + AUR_AT_CHECKSUM) != aur_trace_checksum(bytes, size))
        return AUR_TRACE_CHECKSUM;
    if (chunk.records > capacity)
        return AUR_TRACE_NO_ROOM;

    struct decoder *d = (struct decoder *)(void *)scratch;
    aur_model_init(&d->model, chunk.first_ns);
    memset(d->known, 0, sizeof d->known);
    d->broken = false;
    d->shape_count = 0;
    const uint8_t *at = bytes + AUR_TRACE_HEADER_BYTES;
    for (int column = 0; column < AUR_COLUMNS; column++) {
        d->at[column] = at;
        at += aur_get_u32(bytes + AUR_AT_COLUMNS + 4 * column);
        d->end[column] = at;
    }

    uint32_t events = 0;
    for (uint32_t i = 0; i < chunk.records && !d->broken;) {
        uint32_t some = decode_some(d, &records[i], chunk.records - i);
        events += some != 0 && !aur_record_is_action(&records[i]);
        i += some;
    }
    for (int column = 0; column < AUR_COLUMNS; column++) {
        if (d->at[column] != d->end[column])
            fail(d);
    }
    if (d->broken || events != chunk.events || records[0].now_ns != chunk.first_ns ||
        records[chunk.records - 1].now_ns != chunk.last_ns)
        return AUR_TRACE_MALFORMED;
    *count = chunk.records;
    return AUR_TRACE_OK;
}
