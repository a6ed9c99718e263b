// The encoding: "AURI", a version, then every field once, in the order of the structs. Fixed
// fields are little-endian 64-bit words; the workload, of which there may be millions of ops, is
// in LEB128, whose shortest form is the only one taken. So equal inputs have equal bytes, and
// decoding any bytes either fails or gives inputs that encode to the same bytes again.
#include "machine/inputs.h"

#include <stdlib.h>
#include <string.h>

#define INPUTS_VERSION 1u
#define TIME_END_NS    (UINT64_C(1) << 62)

void aur_inputs_init(struct aur_inputs *inputs)
{
    memset(inputs, 0, sizeof *inputs);
    aur_machine_default(&inputs->machine);
    aur_workload_init(&inputs->workload);
}

void aur_inputs_free(struct aur_inputs *inputs)
{
    aur_workload_free(&inputs->workload);
    memset(inputs, 0, sizeof *inputs);
}

// Numbers of the machine in its table's order, for writing, reading and checking.
struct machine_field {
    size_t offset;
    uint64_t low, high;
    const char *name;
};

static const struct machine_field machine_fields[] = {
#define X(name, value, low, high, unit, summary)                                                   \
    {offsetof(struct aur_machine, name), low, high, #name},
    AUR_MACHINE_TABLE(X)
#undef X
};
#define MACHINE_FIELDS (sizeof machine_fields / sizeof machine_fields[0])

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
                                   spec->dl_period_ns, spec->timers};
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
    for (uint32_t i = 0; i < workload->distribution_count; i++)
        put_distribution(writer, &workload->distributions[i]);
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
    put_bytes(&writer, inputs->scheduler.name, sizeof inputs->scheduler.name);
    for (uint32_t i = 0; i < AUR_CLASS_PARAMS; i++)
        put_word(&writer, inputs->scheduler.params[i]);
    put_word(&writer, inputs->seed);
    put_word(&writer, inputs->replication);
    put_word(&writer, inputs->duration_ns);
    put_word(&writer, inputs->warmup_ns);
    put_workload(&writer, &inputs->workload);
    if (writer.failed) {
        free(writer.bytes);
        return NULL;
    }
    *size = writer.size;
    return writer.bytes;
}

// --- reading -------------------------------------------------------------------------------------

// Reading past the end, or a number in another than its shortest form, sets `bad` and gives 0.
struct reader {
    const uint8_t *at, *end;
    bool bad;
};

static size_t left(const struct reader *reader)
{
    return (size_t)(reader->end - reader->at);
}

static void get_bytes(struct reader *reader, void *bytes, size_t size)
{
    if (reader->bad || left(reader) < size) {
        reader->bad = true;
        memset(bytes, 0, size);
        return;
    }
    memcpy(bytes, reader->at, size);
    reader->at += size;
}

static uint64_t get_word(struct reader *reader)
{
    uint8_t bytes[8];
    uint64_t value = 0;
    get_bytes(reader, bytes, sizeof bytes);
    for (uint32_t i = 0; i < 8; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

// A word or number of at most `high`.
static uint64_t bounded(struct reader *reader, uint64_t value, uint64_t high)
{
    if (value <= high)
        return value;
    reader->bad = true;
    return 0;
}

static uint64_t get_number(struct reader *reader, uint64_t high)
{
    uint64_t value = 0;
    for (uint32_t shift = 0; !reader->bad && reader->at < reader->end; shift += 7) {
        uint8_t byte = *reader->at++;
        if ((shift == 63 && byte > 1) || (shift && !byte))
            break;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return bounded(reader, value, high);
    }
    reader->bad = true;
    return 0;
}

static uint32_t get_u32(struct reader *reader)
{
    return (uint32_t)get_number(reader, UINT32_MAX);
}

static uint32_t get_index(struct reader *reader)
{
    return get_u32(reader) - 1;
}

// A count of items, each of which takes at least `item` bytes of what is left.
static uint32_t get_count(struct reader *reader, size_t item)
{
    uint64_t most = left(reader) / item;
    return (uint32_t)get_number(reader, most < AUR_NONE - 1 ? most : AUR_NONE - 1);
}

static bool get_specs(struct reader *reader, struct aur_workload *workload, uint32_t count)
{
    for (uint32_t i = 0; i < count && !reader->bad; i++) {
        struct aur_spec spec = {.name = get_u32(reader)};
        spec.instances = get_u32(reader);
        spec.entry = get_u32(reader);
        spec.kind = get_u32(reader);
        spec.affinity = get_number(reader, UINT64_MAX);
        spec.start_ns = get_number(reader, UINT64_MAX);
        spec.slice_ns = get_number(reader, UINT64_MAX);
        spec.dl_runtime_ns = get_number(reader, UINT64_MAX);
        spec.dl_deadline_ns = get_number(reader, UINT64_MAX);
        spec.dl_period_ns = get_number(reader, UINT64_MAX);
        spec.timers = get_u32(reader);
        if (aur_workload_add_spec(workload, &spec) == AUR_NONE)
            return false;
    }
    return true;
}

static bool get_ops(struct reader *reader, struct aur_workload *workload, uint32_t count)
{
    for (uint32_t i = 0; i < count && !reader->bad; i++) {
        struct aur_op op = {.code = 0};
        get_bytes(reader, &op.code, 1);
        get_bytes(reader, &op.flags, 1);
        op.object = get_index(reader);
        op.other = get_index(reader);
        op.value = get_number(reader, UINT64_MAX);
        op.deadline_ns = get_number(reader, UINT64_MAX);
        if (aur_workload_add_op(workload, &op) == AUR_NONE)
            return false;
    }
    return true;
}

static bool get_objects(struct reader *reader, struct aur_workload *workload, uint32_t count)
{
    for (uint32_t i = 0; i < count && !reader->bad; i++) {
        struct aur_object_spec object = {.name = get_u32(reader)};
        object.kind = get_u32(reader);
        object.parameter = get_number(reader, UINT64_MAX);
        if (aur_workload_add_object(workload, &object) == AUR_NONE)
            return false;
    }
    return true;
}

static double get_real(struct reader *reader)
{
    uint64_t bits = get_word(reader);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static bool get_distribution(struct reader *reader, struct aur_workload *workload)
{
    struct aur_distribution distribution = {.kind = get_u32(reader)};
    const struct aur_distribution_info *info = aur_distribution_info(distribution.kind);
    if (!info)
        reader->bad = true;
    for (uint32_t i = 0; info && i < info->parameters; i++)
        aur_distribution_set(&distribution, i, get_real(reader));
    uint32_t count = get_count(reader, 8);
    if (reader->bad || (count && !info->has_samples)) {
        reader->bad = true;
        return true;
    }
    double *samples = malloc((count ? count : 1) * sizeof *samples);
    if (!samples)
        return false;
    for (uint32_t i = 0; i < count; i++)
        samples[i] = get_real(reader);
    distribution.sample_count = count;
    distribution.samples = samples;
    bool good = aur_workload_add_distribution(workload, &distribution) != AUR_NONE;
    free(samples);
    return good;
}

static bool get_distributions(struct reader *reader, struct aur_workload *workload, uint32_t count)
{
    for (uint32_t i = 0; i < count && !reader->bad; i++)
        if (!get_distribution(reader, workload))
            return false;
    return true;
}

static bool get_names(struct reader *reader, struct aur_workload *workload, uint32_t bytes)
{
    if (!bytes)
        return true;
    workload->names = malloc(bytes);
    if (!workload->names)
        return false;
    workload->name_bytes = workload->name_room = bytes;
    get_bytes(reader, workload->names, bytes);
    return true;
}

// The least bytes that one item takes, so that a count cannot ask for more than the file's size.
#define SPEC_BYTES         11u
#define OP_BYTES           6u
#define OBJECT_BYTES       3u
#define DISTRIBUTION_BYTES 2u

static bool get_workload(struct reader *reader, struct aur_workload *workload)
{
    uint32_t specs = get_count(reader, SPEC_BYTES), ops = get_count(reader, OP_BYTES);
    uint32_t objects = get_count(reader, OBJECT_BYTES);
    uint32_t distributions = get_count(reader, DISTRIBUTION_BYTES), names = get_count(reader, 1);
    workload->timers = get_u32(reader);
    workload->duration_ns = get_number(reader, UINT64_MAX);
    return get_names(reader, workload, names) && get_specs(reader, workload, specs) &&
           get_ops(reader, workload, ops) && get_objects(reader, workload, objects) &&
           get_distributions(reader, workload, distributions);
}

static bool get_machine(struct reader *reader, struct aur_machine *machine,
                        struct aur_failure *failure)
{
    if (get_word(reader) != MACHINE_FIELDS)
        reader->bad = true;
    for (size_t i = 0; i < MACHINE_FIELDS; i++) {
        uint64_t value = get_word(reader);
        if (!reader->bad && (value < machine_fields[i].low || value > machine_fields[i].high))
            return aur_fail(failure, NULL, 0,
                            "stored inputs: the machine's %s is %llu, not within %llu and %llu",
                            machine_fields[i].name, (unsigned long long)value,
                            (unsigned long long)machine_fields[i].low,
                            (unsigned long long)machine_fields[i].high);
        memcpy((char *)machine + machine_fields[i].offset, &value, sizeof value);
    }
    return true;
}

// Lower case letters, digits, '-' and '_', and zeros after them. A workload that is stored by
// itself has none.
static bool scheduler_is_good(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t size = 0;
    while (size < AUR_CLASS_NAME_BYTES && name[size] && strchr(letters, name[size]))
        size++;
    if (size == AUR_CLASS_NAME_BYTES)
        return false;
    while (size < AUR_CLASS_NAME_BYTES && !name[size])
        size++;
    return size == AUR_CLASS_NAME_BYTES;
}

static bool get_inputs(struct reader *reader, struct aur_inputs *inputs,
                       struct aur_failure *failure)
{
    uint8_t head[8];
    get_bytes(reader, head, sizeof head);
    if (reader->bad || memcmp(head, "AURI", 4) != 0)
        return aur_fail(failure, NULL, 0, "these are no stored inputs of a run");
    if (memcmp(head + 4, (const uint8_t[]){INPUTS_VERSION, 0, 0, 0}, 4) != 0)
        return aur_fail(failure, NULL, 0,
                        "stored inputs: of another version, use the aurora that wrote them");
    if (!get_machine(reader, &inputs->machine, failure))
        return false;
    get_bytes(reader, inputs->scheduler.name, sizeof inputs->scheduler.name);
    if (!reader->bad && !scheduler_is_good(inputs->scheduler.name))
        return aur_fail(failure, NULL, 0, "stored inputs: the scheduler has no proper name");
    for (uint32_t i = 0; i < AUR_CLASS_PARAMS; i++)
        inputs->scheduler.params[i] = get_word(reader);
    inputs->seed = get_word(reader);
    inputs->replication = (uint32_t)bounded(reader, get_word(reader), UINT32_MAX);
    inputs->duration_ns = bounded(reader, get_word(reader), TIME_END_NS - 1);
    inputs->warmup_ns = bounded(reader, get_word(reader), TIME_END_NS - 1);
    if (!get_workload(reader, &inputs->workload))
        return aur_fail(failure, NULL, 0, "stored inputs: memory is out");
    if (reader->bad || reader->at != reader->end)
        return aur_fail(failure, NULL, 0,
                        "stored inputs: damaged or cut off, take them from the original again");
    return aur_workload_validate(&inputs->workload, "stored inputs", failure);
}

bool aur_inputs_decode(struct aur_inputs *inputs, const uint8_t *bytes, size_t size,
                       struct aur_failure *failure)
{
    struct reader reader = {.at = bytes, .end = bytes + size};
    aur_inputs_init(inputs);
    if (get_inputs(&reader, inputs, failure))
        return true;
    aur_inputs_free(inputs);
    return false;
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

uint64_t aur_inputs_digest(const uint8_t *bytes, size_t size)
{
    uint64_t state = UINT64_C(0x243f6a8885a308d3);
    struct reader reader = {.at = bytes, .end = bytes + size};
    while (left(&reader) >= 8)
        state = take_word(state, get_word(&reader));
    uint8_t tail[8] = {0};
    get_bytes(&reader, tail, left(&reader));
    reader = (struct reader){.at = tail, .end = tail + sizeof tail};
    state = take_word(state, get_word(&reader)); // zero-padded, hence the length too
    state = take_word(state, size);
    state = (state ^ state >> 33) * UINT64_C(0xff51afd7ed558ccd);
    state = (state ^ state >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return state ^ state >> 33;
}
