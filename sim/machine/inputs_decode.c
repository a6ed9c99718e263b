// Inputs from bytes that may come from anywhere.
#include <stdlib.h>
#include <string.h>

#include "machine/inputs_form.h"

// Reading past the end, or a number in another than its shortest form, sets `bad` and gives 0.
#define FIELDS_OF_VERSION_1 11u // of the machine: those that came later have their defaults

struct reader {
    const uint8_t *at, *end;
    bool bad;
    uint8_t version;
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
        spec.group = reader->version > 1 ? get_u32(reader) : 0;
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

static bool get_groups(struct reader *reader, struct aur_workload *workload, uint32_t count)
{
    for (uint32_t i = 0; i < count && !reader->bad; i++) {
        struct aur_group_spec group = {.name = get_u32(reader)};
        group.parent = get_u32(reader);
        group.weight = get_u32(reader);
        group.quota_ns = get_number(reader, UINT64_MAX);
        group.period_ns = get_number(reader, UINT64_MAX);
        if (aur_workload_add_group(workload, &group) == AUR_NONE)
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
#define GROUP_BYTES        5u
#define DISTRIBUTION_BYTES 2u

static bool get_workload(struct reader *reader, struct aur_workload *workload)
{
    uint32_t specs = get_count(reader, SPEC_BYTES), ops = get_count(reader, OP_BYTES);
    uint32_t objects = get_count(reader, OBJECT_BYTES);
    uint32_t groups = reader->version > 1 ? get_count(reader, GROUP_BYTES) : 0;
    uint32_t distributions = get_count(reader, DISTRIBUTION_BYTES), names = get_count(reader, 1);
    workload->timers = get_u32(reader);
    workload->duration_ns = get_number(reader, UINT64_MAX);
    return get_names(reader, workload, names) && get_specs(reader, workload, specs) &&
           get_ops(reader, workload, ops) && get_objects(reader, workload, objects) &&
           get_groups(reader, workload, groups) &&
           get_distributions(reader, workload, distributions);
}

static bool get_machine(struct reader *reader, struct aur_machine *machine,
                        struct aur_failure *failure)
{
    size_t fields = reader->version > 1 ? MACHINE_FIELDS : FIELDS_OF_VERSION_1;
    if (get_word(reader) != fields)
        reader->bad = true;
    for (size_t i = 0; i < fields; i++) {
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

// Version 1 wrote six words whatever the class had; these are the numbers of parameters of then.
static uint32_t params_of_version_1(const char *name)
{
    static const struct {
        const char *name;
        uint32_t params;
    } classes[] = {{"rr", 1}, {"prio", 1}, {"mlfq", 4}, {"eevdf", 1}, {"edf", 1}};
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (strcmp(classes[i].name, name) == 0)
            return classes[i].params;
    return 0;
}

// Parameters that the class did not have when the choice was stored have their defaults.
static bool get_choice(struct reader *reader, struct aur_scheduler_choice *choice,
                       struct aur_failure *failure)
{
    uint64_t words[AUR_CLASS_PARAMS] = {0};
    get_bytes(reader, choice->name, sizeof choice->name);
    if (!reader->bad && !scheduler_is_good(choice->name))
        return aur_fail(failure, NULL, 0, "stored inputs: the scheduler has no proper name");
    uint32_t count = reader->version > 1 ? (uint32_t)get_number(reader, AUR_CLASS_PARAMS) : 6;
    for (uint32_t i = 0; i < count; i++)
        words[i] = get_word(reader);
    if (reader->bad)
        return true;
    const struct aur_class_info *info = aur_class_info(aur_class_find(choice->name));
    if (info)
        aur_scheduler_choose(choice, info);
    if (reader->version == 1)
        count = params_of_version_1(choice->name);
    if (count > params_of(choice))
        return aur_fail(failure, NULL, 0,
                        "stored inputs: scheduler %s has %u parameters there and %u in this build, "
                        "use the aurora that wrote them",
                        choice->name, count, params_of(choice));
    memcpy(choice->params, words, count * sizeof words[0]);
    return true;
}

static bool is_agent(const struct aur_scheduler_choice *choice)
{
    const struct aur_class_info *info = aur_class_info(aur_class_find(choice->name));
    return info && info->traits & AUR_CLASS_AGENT;
}

static bool get_agent(struct reader *reader, struct aur_inputs *inputs, struct aur_failure *failure)
{
    struct aur_agent_refusal refusal;
    size_t size = (size_t)get_number(reader, AUR_AGENT_ROOM_MAX);
    if (reader->bad || size > (size_t)(reader->end - reader->at)) {
        reader->bad = true;
        return true;
    }
    inputs->agent = malloc(size + 1);
    if (!inputs->agent)
        return aur_fail(failure, NULL, 0, "stored inputs: memory is out");
    get_bytes(reader, inputs->agent, size);
    // Equal inputs have equal bytes, so there is none but the agent's own.
    if (!aur_agent_structure(inputs->agent, size, &refusal) || inputs->agent->bytes != size)
        return aur_fail(failure, NULL, 0, "stored inputs: the agent is damaged");
    return true;
}

static bool get_choices(struct reader *reader, struct aur_inputs *inputs,
                        struct aur_failure *failure)
{
    if (!get_choice(reader, &inputs->scheduler, failure) ||
        (is_agent(&inputs->scheduler) && !get_agent(reader, inputs, failure)))
        return false;
    for (uint32_t slot = 0; reader->version > 1 && slot < AUR_SLOT_FAIR; slot++)
        if (!get_choice(reader, &inputs->above[slot], failure))
            return false;
    return true;
}

// As an experiment's: by instant, on CPUs that there are, those of one CPU apart.
static void get_outages(struct reader *reader, struct aur_inputs *inputs)
{
    uint32_t count = (uint32_t)get_number(reader, AUR_OUTAGES_MAX);
    for (uint32_t i = 0; i < count && !reader->bad; i++) {
        struct aur_outage *outage = &inputs->outages[i];
        outage->cpu = get_u32(reader);
        outage->from_ns = get_word(reader);
        outage->to_ns = get_word(reader);
    }
    inputs->outage_count = reader->bad ? 0 : count;
    if (aur_outages_fault(inputs->outages, inputs->outage_count, inputs->machine.cpus, NULL))
        reader->bad = true;
}

static bool get_inputs(struct reader *reader, struct aur_inputs *inputs,
                       struct aur_failure *failure)
{
    uint8_t head[8];
    get_bytes(reader, head, sizeof head);
    if (reader->bad || memcmp(head, "AURI", 4) != 0)
        return aur_fail(failure, NULL, 0, "these are no stored inputs of a run");
    reader->version = head[4];
    if (head[4] < 1 || head[4] > INPUTS_VERSION || head[5] || head[6] || head[7])
        return aur_fail(failure, NULL, 0,
                        "stored inputs: of another version, use the aurora that wrote them");
    if (!get_machine(reader, &inputs->machine, failure) || !get_choices(reader, inputs, failure))
        return false;
    inputs->seed = get_word(reader);
    inputs->replication = (uint32_t)bounded(reader, get_word(reader), UINT32_MAX);
    inputs->duration_ns = bounded(reader, get_word(reader), TIME_END_NS - 1);
    inputs->warmup_ns = bounded(reader, get_word(reader), TIME_END_NS - 1);
    if (reader->version > 1)
        get_outages(reader, inputs);
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
