#include <aurora/trace.h>

#include "trace/chunk.h"
#include "trace/model.h"

#define PLACES 2048u // of shapes in their hash table; twice AUR_SHAPES, so that a search ends

struct encoder {
    struct aur_model model;
    uint8_t *at[AUR_COLUMNS]; // end of each column
    uint32_t shape_count;
    uint16_t places[PLACES]; // 1 more than a shape's number, 0: free
    struct aur_trace_shape shapes[AUR_SHAPES];
    uint32_t known[AUR_KNOWN];
    uint32_t descriptors[UINT8_MAX + 1]; // of this step
};

_Static_assert(sizeof(struct encoder) <= sizeof(struct aur_trace_scratch), "scratch is too small");

static void put_byte(struct encoder *e, enum aur_trace_column column, uint32_t byte)
{
    *e->at[column]++ = (uint8_t)byte;
}

static void put_number(struct encoder *e, enum aur_trace_column column, uint64_t value)
{
    uint8_t *at = e->at[column];
    for (; value >= 0x80; value >>= 7)
        *at++ = (uint8_t)(value | 0x80);
    *at++ = (uint8_t)value;
    e->at[column] = at;
}

// A task or object number; NONE becomes 0.
static void put_id(struct encoder *e, uint32_t id)
{
    put_number(e, AUR_COLUMN_IDS, (uint32_t)(id + 1));
}

static void put_raw(struct encoder *e, const struct aur_record *record)
{
    uint8_t *at = e->at[AUR_COLUMN_CODES];
    *at = AUR_CODE_RECORD;
    aur_put_u64(at + 1, record->now_ns);
    aur_put_u64(at + 9, record->arg);
    aur_put_u32(at + 17, record->task);
    aur_put_u32(at + 21, record->object);
    aur_put_u32(at + 25, record->other);
    aur_put_u32(at + 29, (uint32_t)record->cpu | (uint32_t)record->kind << 16 |
                             (uint32_t)record->actions << 24);
    e->at[AUR_COLUMN_CODES] = at + 33;
}

static uint32_t code_other(struct encoder *e, const struct aur_record *record)
{
    if (record->other == aur_model_kind(&e->model, record->kind)->other)
        return 0;
    put_id(e, record->other);
    return AUR_OTHER_EXPLICIT << AUR_CHOICE_OTHER;
}

static uint32_t code_explicit_arg(struct encoder *e, uint64_t arg, uint64_t now_ns)
{
    uint64_t delta = aur_fold(arg - now_ns);
    uint32_t choice = delta < arg ? AUR_ARG_DELTA : AUR_ARG_PLAIN;
    put_number(e, AUR_COLUMN_ARGS, choice == AUR_ARG_DELTA ? delta : arg);
    return choice << AUR_CHOICE_ARG;
}

// In the order in which the decoder needs the fields: an expectation may look at those before.
static uint32_t code_event(struct encoder *e, const struct aur_record *event)
{
    struct aur_model *model = &e->model;
    uint32_t descriptor = event->kind, choice;

    for (choice = 0; choice < AUR_CPU_EXPLICIT; choice++) {
        if (event->cpu == aur_expect_event_cpu(model, event->kind, choice))
            break;
    }
    descriptor |= choice << AUR_CHOICE_CPU;
    if (choice == AUR_CPU_EXPLICIT)
        put_number(e, AUR_COLUMN_CPUS, event->cpu);

    for (choice = 0; choice < AUR_TASK_EXPLICIT; choice++) {
        if (event->task == aur_expect_event_task(model, event->kind, event->cpu, choice))
            break;
    }
    descriptor |= choice << AUR_CHOICE_TASK;
    if (choice == AUR_TASK_EXPLICIT)
        put_id(e, event->task);

    for (choice = 0; choice < AUR_NOW_EXPLICIT; choice++) {
        if (event->now_ns == aur_expect_now(model, event, choice))
            break;
    }
    descriptor |= choice << AUR_CHOICE_NOW;
    if (choice == AUR_NOW_EXPLICIT)
        put_number(e, AUR_COLUMN_TIMES, event->now_ns - model->now_ns);

    for (choice = 0; choice < AUR_OBJECT_EXPLICIT; choice++) {
        if (event->object == aur_expect_event_object(model, event, choice))
            break;
    }
    descriptor |= choice << AUR_CHOICE_OBJECT;
    if (choice == AUR_OBJECT_EXPLICIT)
        put_id(e, event->object);

    descriptor |= code_other(e, event);

    for (choice = 0; choice <= AUR_ARG_NEVER; choice++) {
        if (event->arg == aur_expect_event_arg(model, event, choice))
            return descriptor | choice << AUR_CHOICE_ARG;
    }
    return descriptor | code_explicit_arg(e, event->arg, event->now_ns);
}

static uint32_t code_action(struct encoder *e, const struct aur_record *event,
                            const struct aur_record *action)
{
    struct aur_model *model = &e->model;
    const struct aur_record *before = action - 1;
    uint32_t descriptor = action->kind, choice;

    for (choice = 0; choice < AUR_TASK_EXPLICIT; choice++) {
        if (action->task == aur_expect_action_task(model, event, before, action->kind, choice))
            break;
    }
    descriptor |= choice << AUR_CHOICE_TASK;
    if (choice == AUR_TASK_EXPLICIT)
        put_id(e, action->task);

    for (choice = 0; choice < AUR_CPU_EXPLICIT; choice++) {
        if (action->cpu == aur_expect_action_cpu(model, event, before, action->task, choice))
            break;
    }
    descriptor |= choice << AUR_CHOICE_CPU;
    if (choice == AUR_CPU_EXPLICIT)
        put_number(e, AUR_COLUMN_CPUS, action->cpu);

    for (choice = 0; choice < AUR_OBJECT_EXPLICIT; choice++) {
        if (action->object == aur_expect_action_object(model, event, action, choice))
            break;
    }
    descriptor |= choice << AUR_CHOICE_OBJECT;
    if (choice == AUR_OBJECT_EXPLICIT)
        put_id(e, action->object);

    descriptor |= code_other(e, action);

    for (choice = 0; choice <= AUR_ARG_ARMED; choice++) {
        if (action->arg == aur_expect_action_arg(model, event, action, choice))
            return descriptor | choice << AUR_CHOICE_ARG;
    }
    uint32_t owner = aur_model_sleeper(model, action->arg);
    if (owner != AUR_NONE) {
        put_id(e, owner);
        return descriptor | AUR_ARG_OWNER << AUR_CHOICE_ARG;
    }
    return descriptor | code_explicit_arg(e, action->arg, event->now_ns);
}

static void put_descriptor(struct encoder *e, uint32_t descriptor)
{
    uint32_t place = aur_known_place(descriptor);
    if (e->known[place] == descriptor) {
        put_byte(e, AUR_COLUMN_CODES, place);
        return;
    }
    e->known[place] = descriptor;
    aur_put_u32(e->at[AUR_COLUMN_CODES], descriptor << 8);
    e->at[AUR_COLUMN_CODES] += 4;
}

// Writes the code of the shape that is in e->descriptors, and numbers it if it is new.
static void put_shape(struct encoder *e, uint32_t records)
{
    uint32_t place = records;
    if (records <= AUR_SHAPE_RECORDS) {
        for (uint32_t i = 0; i < records; i++)
            place = (place ^ e->descriptors[i]) * 0x9e3779b1u;
        place >>= 21;
        for (; e->places[place]; place = (place + 1) % PLACES) {
            const struct aur_trace_shape *shape = &e->shapes[e->places[place] - 1];
            uint32_t i = 0;
            if (shape->records != records)
                continue;
            while (i < records && shape->descriptors[i] == e->descriptors[i])
                i++;
            if (i < records)
                continue;
            uint32_t number = e->places[place] - 1u;
            if (number < AUR_SHAPES_SHORT) {
                put_byte(e, AUR_COLUMN_CODES, AUR_CODE_SHORT + number);
            } else {
                number -= AUR_SHAPES_SHORT;
                put_byte(e, AUR_COLUMN_CODES, AUR_CODE_LONG + (number >> 8));
                put_byte(e, AUR_COLUMN_CODES, number & 0xff);
            }
            return;
        }
    }
    put_byte(e, AUR_COLUMN_CODES, AUR_CODE_SHAPE);
    put_byte(e, AUR_COLUMN_CODES, records - 1);
    for (uint32_t i = 0; i < records; i++)
        put_descriptor(e, e->descriptors[i]);
    if (records <= AUR_SHAPE_RECORDS && e->shape_count < AUR_SHAPES) {
        struct aur_trace_shape *shape = &e->shapes[e->shape_count];
        e->places[place] = (uint16_t)++e->shape_count;
        shape->records = records;
        memcpy(shape->descriptors, e->descriptors, records * sizeof *e->descriptors);
    }
}

// Are the records from `event` on, `left` of them, at least one whole step?
static bool is_step(const struct aur_record *event, uint32_t left)
{
    if (aur_record_is_action(event) || event->actions >= left)
        return false;
    for (uint32_t i = 1; i <= event->actions; i++) {
        if (!aur_record_is_action(&event[i]) || event[i].actions != 0 ||
            event[i].now_ns != event->now_ns)
            return false;
    }
    return true;
}

static void encode_step(struct encoder *e, const struct aur_record *event)
{
    e->descriptors[0] = code_event(e, event);
    aur_model_take_event(&e->model, event);
    for (uint32_t i = 1; i <= event->actions; i++) {
        e->descriptors[i] = code_action(e, event, &event[i]);
        aur_model_take_action(&e->model, event, &event[i]);
    }
    put_shape(e, event->actions + 1u);
}

size_t aur_trace_bound(uint32_t count)
{
    size_t each = 0;
    for (int column = 0; column < AUR_COLUMNS; column++)
        each += aur_column_worst[column];
    return AUR_TRACE_HEADER_BYTES + each * count;
}

// Moves the columns together behind the header. Returns the chunk's bytes.
static size_t close_up(struct encoder *e, uint8_t *out, uint32_t count)
{
    const uint8_t *from = out + AUR_TRACE_HEADER_BYTES;
    uint8_t *to = out + AUR_TRACE_HEADER_BYTES;
    for (int column = 0; column < AUR_COLUMNS; column++) {
        size_t bytes = (size_t)(e->at[column] - from);
        memmove(to, from, bytes);
        aur_put_u32(out + AUR_AT_COLUMNS + 4 * column, (uint32_t)bytes);
        to += bytes;
        from += (size_t)aur_column_worst[column] * count;
    }
    return (size_t)(to - out);
}

size_t aur_trace_encode(struct aur_trace_scratch *scratch, const struct aur_record *records,
                        uint32_t count, uint8_t *out, size_t capacity)
{
    if (count == 0 || count > AUR_TRACE_RECORDS_MAX || capacity < aur_trace_bound(count))
        return 0;

    struct encoder *e = (struct encoder *)(void *)scratch;
    aur_model_init(&e->model, records[0].now_ns);
    memset(e->places, 0, sizeof e->places);
    memset(e->known, 0, sizeof e->known);
    e->shape_count = 0;
    uint8_t *at = out + AUR_TRACE_HEADER_BYTES;
    for (int column = 0; column < AUR_COLUMNS; column++) {
        e->at[column] = at;
        at += (size_t)aur_column_worst[column] * count;
    }

    uint32_t events = 0;
    for (uint32_t i = 0; i < count;) {
        events += !aur_record_is_action(&records[i]);
        if (is_step(&records[i], count - i)) {
            encode_step(e, &records[i]);
            i += records[i].actions + 1u;
        } else {
            put_raw(e, &records[i]);
            i++;
        }
    }

    size_t bytes = close_up(e, out, count);
    aur_put_u32(out + AUR_AT_MAGIC, AUR_TRACE_MAGIC);
    aur_put_u32(out + AUR_AT_VERSION, AUR_TRACE_VERSION);
    aur_put_u32(out + AUR_AT_RECORDS, count);
    aur_put_u32(out + AUR_AT_EVENTS, events);
    aur_put_u64(out + AUR_AT_FIRST, records[0].now_ns);
    aur_put_u64(out + AUR_AT_LAST, records[count - 1].now_ns);
    aur_put_u32(out + AUR_AT_RESERVED, 0);
    aur_put_u64(out + AUR_AT_CHECKSUM, aur_trace_checksum(out, bytes));
    return bytes;
}
