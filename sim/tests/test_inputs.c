// Stored inputs: what is written is read back, equal inputs are equal bytes, and any other bytes
// are refused without harm.
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "machine/simulate.h"
#include "tests/chance.h"
#include "tests/rtapp_cases.h"

// Every kind of op, object and distribution.
static const char everything[] =
    "{\"global\": {\"duration\": 3, \"pi_enabled\": true}, \"tasks\": {"
    "\"a\": {\"loop\": 3, \"run\": 5, \"lock\": \"m\", \"wait\": {\"ref\": \"c\", \"mutex\": "
    "\"m\"}, \"unlock\": \"m\", \"fork\": \"b\", \"sleep\": {\"exponential\": 9}, \"yield\": \"\", "
    "\"runtime\": {\"normal\": {\"mean\": 100, \"stddev\": 10}}, \"signal\": \"c\", \"broad\": "
    "\"c\", \"resume\": \"b\", \"mem\": 100000, \"iorun\": 7},"
    "\"b\": {\"instance\": 2, \"delay\": 10, \"cpus\": [1], \"priority\": -7, \"phases\": "
    "{\"p\": {\"cpus\": [0], \"timer\": {\"ref\": \"unique\", \"period\": {\"uniform\": {\"low\": "
    "1, \"high\": 2}}, \"deadline\": 1}, \"barrier\": \"x\"}, \"q\": {\"loop\": 2, \"policy\": "
    "\"SCHED_DEADLINE\", \"dl-runtime\": 10, \"dl-period\": 100, \"suspend\": \"b\", \"timer\": "
    "{\"ref\": \"t\", \"period\": 5, \"mode\": \"absolute\"}, \"run\": {\"empirical\": [1, 2.5, "
    "\"7ms\"]}}}}}}";

// "/a" and in it "/a/b", in which the first task is.
static void add_groups(struct aur_workload *workload)
{
    const struct aur_group_spec outer = {.name = aur_workload_add_name(workload, "/a"),
                                         .weight = 300};
    const struct aur_group_spec inner = {.name = aur_workload_add_name(workload, "/a/b"),
                                         .parent = 1,
                                         .quota_ns = 20000000,
                                         .period_ns = 50000000};
    ck_assert_uint_eq(aur_workload_add_group(workload, &outer), 0);
    ck_assert_uint_eq(aur_workload_add_group(workload, &inner), 1);
    workload->specs[0].group = 2;
}

static void make_inputs(struct aur_inputs *inputs)
{
    struct aur_failure failure;
    aur_inputs_init(inputs);
    ck_assert_msg(load_bytes(&inputs->workload, everything, strlen(everything), &failure), "%s",
                  failure.text);
    add_groups(&inputs->workload);
    aur_scheduler_choose(&inputs->scheduler, aur_class_info(aur_class_find("mlfq")));
    for (uint32_t i = 0; i < 4; i++)
        inputs->scheduler.params[i] = UINT64_MAX - i;
    inputs->outages[inputs->outage_count++] = (struct aur_outage){1, 0, 10, 20};
    inputs->outages[inputs->outage_count++] = (struct aur_outage){0, 0, 20, AUR_NEVER_NS};
    inputs->seed = UINT64_C(0x8123456789abcdef);
    inputs->replication = 3;
    inputs->duration_ns = 1000000;
    inputs->warmup_ns = 500;
}

// Encodes and digests; the caller frees nothing.
static uint64_t digest_of(const struct aur_inputs *inputs)
{
    size_t size;
    uint8_t *bytes = aur_inputs_encode(inputs, &size);
    ck_assert_ptr_nonnull(bytes);
    uint64_t digest = aur_inputs_digest(bytes, size);
    free(bytes);
    return digest;
}

START_TEST(the_default_machine_is_its_table)
{
    struct aur_machine machine;
    aur_machine_default(&machine);
    ck_assert_uint_eq(machine.cpus, 2);
    ck_assert_uint_eq(machine.tick_ns, 4000000);
#define X(name, value, low, high, unit, summary)                                                   \
    ck_assert(machine.name == (value) && machine.name + 1 > (low) && machine.name <= (high));
    AUR_MACHINE_TABLE(X)
#undef X
}
END_TEST

START_TEST(decoding_an_encoding_gives_the_same_inputs)
{
    struct aur_inputs inputs, read;
    struct aur_failure failure = {""};
    size_t size, size_again;
    make_inputs(&inputs);
    uint8_t *bytes = aur_inputs_encode(&inputs, &size);
    ck_assert_msg(aur_inputs_decode(&read, bytes, size, &failure), "%s", failure.text);

    ck_assert_mem_eq(&read.machine, &inputs.machine, sizeof read.machine);
    ck_assert_mem_eq(&read.scheduler, &inputs.scheduler, sizeof read.scheduler);
    ck_assert_mem_eq(read.above, inputs.above, sizeof read.above);
    ck_assert_uint_eq(read.outage_count, 2);
    ck_assert_mem_eq(read.outages, inputs.outages, sizeof read.outages);
    ck_assert_uint_eq(read.workload.group_count, inputs.workload.group_count);
    ck_assert_mem_eq(read.workload.groups, inputs.workload.groups,
                     read.workload.group_count * sizeof *read.workload.groups);
    ck_assert(read.seed == inputs.seed && read.replication == 3);
    ck_assert(read.duration_ns == 1000000 && read.warmup_ns == 500);
    ck_assert_uint_eq(read.workload.spec_count, inputs.workload.spec_count);
    ck_assert_mem_eq(read.workload.specs, inputs.workload.specs,
                     read.workload.spec_count * sizeof *read.workload.specs);
    for (uint32_t i = 0; i < inputs.workload.spec_count; i++) {
        char program_before[sizeof program_text];
        strcpy(program_before, program_of(&inputs.workload, i));
        ck_assert_str_eq(program_of(&read.workload, i), program_before);
    }
    ck_assert_uint_eq(read.workload.distribution_count, 4);
    const struct aur_distribution *samples = &read.workload.distributions[3];
    ck_assert_uint_eq(samples->sample_count, 3);
    ck_assert(samples->samples[1] == 2500 && samples->samples[2] == 7000000);

    uint8_t *again = aur_inputs_encode(&read, &size_again);
    ck_assert_uint_eq(size_again, size);
    ck_assert_mem_eq(again, bytes, size);
    free(again);
    free(bytes);
    aur_inputs_free(&read);
    aur_inputs_free(&inputs);
}
END_TEST

START_TEST(lines_of_the_source_file_are_not_part_of_the_identity)
{
    struct aur_inputs inputs;
    make_inputs(&inputs);
    uint64_t digest = digest_of(&inputs);
    for (uint32_t i = 0; i < inputs.workload.op_count; i++)
        inputs.workload.ops[i].line += 17;
    ck_assert(digest_of(&inputs) == digest);
    aur_inputs_free(&inputs);
}
END_TEST

// Flips one bit after the other of a field and wants another digest each time.
static void each_bit_counts(const struct aur_inputs *inputs, void *field, size_t size)
{
    uint64_t digest = digest_of(inputs);
    for (size_t bit = 0; bit < size * 8; bit++) {
        uint8_t *byte = (uint8_t *)field + bit / 8;
        *byte = (uint8_t)(*byte ^ 1 << bit % 8);
        ck_assert_msg(digest_of(inputs) != digest, "bit %zu of a field of %zu bytes", bit, size);
        *byte = (uint8_t)(*byte ^ 1 << bit % 8);
    }
    ck_assert(digest_of(inputs) == digest);
}

START_TEST(every_bit_of_every_field_changes_the_digest)
{
    struct aur_inputs inputs;
    make_inputs(&inputs);
    struct aur_workload *workload = &inputs.workload;
#define COUNTS(field) each_bit_counts(&inputs, &(field), sizeof(field))
    COUNTS(inputs.machine);
    COUNTS(inputs.scheduler.name);
    each_bit_counts(&inputs, inputs.scheduler.params, 4 * sizeof(uint64_t)); // those of mlfq
    COUNTS(inputs.above[AUR_SLOT_DEADLINE].name);
    COUNTS(inputs.above[AUR_SLOT_REALTIME].name);
    COUNTS(inputs.above[AUR_SLOT_DEADLINE].params[0]);
    COUNTS(inputs.above[AUR_SLOT_REALTIME].params[0]);
    COUNTS(inputs.outages[0].cpu);
    COUNTS(inputs.outages[0].from_ns);
    COUNTS(inputs.outages[1].to_ns);
    COUNTS(inputs.seed);
    COUNTS(inputs.replication);
    COUNTS(inputs.duration_ns);
    COUNTS(inputs.warmup_ns);
    COUNTS(workload->timers);
    COUNTS(workload->duration_ns);
    COUNTS(workload->specs[1]);
    COUNTS(workload->groups[1].name);
    COUNTS(workload->groups[1].parent);
    COUNTS(workload->groups[1].weight);
    COUNTS(workload->groups[1].quota_ns);
    COUNTS(workload->groups[1].period_ns);
    COUNTS(workload->ops[0].code);
    COUNTS(workload->ops[0].flags);
    COUNTS(workload->ops[0].object);
    COUNTS(workload->ops[0].other);
    COUNTS(workload->ops[0].value);
    COUNTS(workload->ops[0].deadline_ns);
    COUNTS(workload->objects[0]);
    COUNTS(workload->distributions[1].a);
    COUNTS(workload->distributions[1].b);
    each_bit_counts(&inputs, (void *)workload->distributions[3].samples, sizeof(double));
    each_bit_counts(&inputs, workload->names, workload->name_bytes);
#undef COUNTS
    aur_inputs_free(&inputs);
}
END_TEST

START_TEST(a_distribution_is_known_by_what_its_kind_uses)
{
    struct aur_inputs inputs;
    make_inputs(&inputs);
    uint64_t digest = digest_of(&inputs);
    ck_assert_uint_eq(inputs.workload.distributions[0].kind, AUR_DISTRIBUTION_EXPONENTIAL);
    inputs.workload.distributions[0].b = inputs.workload.distributions[0].c = 5;
    ck_assert(digest_of(&inputs) == digest);
    aur_inputs_free(&inputs);
}
END_TEST

START_TEST(samples_of_a_kind_that_has_none_are_refused)
{
    struct aur_inputs inputs, read;
    struct aur_failure failure = {""};
    size_t size;
    make_inputs(&inputs);
    inputs.workload.distributions[0].samples = calloc(1, sizeof(double));
    inputs.workload.distributions[0].sample_count = 1;
    uint8_t *bytes = aur_inputs_encode(&inputs, &size);
    ck_assert(!aur_inputs_decode(&read, bytes, size, &failure));
    free(bytes);
    aur_inputs_free(&inputs);
}
END_TEST

START_TEST(every_truncation_is_refused)
{
    struct aur_inputs inputs, read;
    size_t size;
    make_inputs(&inputs);
    uint8_t *bytes = aur_inputs_encode(&inputs, &size);
    for (size_t cut = 0; cut < size; cut++) {
        struct aur_failure failure = {""};
        // An exact copy, so that a sanitizer sees a read beyond its end.
        uint8_t *exact = malloc(cut ? cut : 1);
        memcpy(exact, bytes, cut);
        ck_assert(!aur_inputs_decode(&read, exact, cut, &failure));
        ck_assert_str_ne(failure.text, "");
        free(exact);
    }
    free(bytes);
    aur_inputs_free(&inputs);
}
END_TEST

START_TEST(bytes_after_the_end_are_refused)
{
    struct aur_inputs inputs, read;
    struct aur_failure failure = {""};
    size_t size;
    make_inputs(&inputs);
    uint8_t *bytes = aur_inputs_encode(&inputs, &size);
    bytes = realloc(bytes, size + 1);
    bytes[size] = 0;
    ck_assert(!aur_inputs_decode(&read, bytes, size + 1, &failure));
    ck_assert_str_eq(failure.text,
                     "stored inputs: damaged or cut off, take them from the original again");
    free(bytes);
    aur_inputs_free(&inputs);
}
END_TEST

// Bytes either are refused or are the one encoding of what they decode to, unless they are of the
// earlier version or lack parameters of a class, which then have their defaults.
static bool refused_or_canonical(const uint8_t *bytes, size_t size)
{
    struct aur_inputs read;
    struct aur_failure failure = {""};
    size_t size_again;
    uint8_t *exact = malloc(size ? size : 1);
    memcpy(exact, bytes, size);
    bool good = aur_inputs_decode(&read, exact, size, &failure);
    ck_assert_int_eq(good, failure.text[0] == '\0');
    if (good && exact[4] == 2) {
        uint8_t *again = aur_inputs_encode(&read, &size_again);
        ck_assert_uint_ge(size_again, size);
        if (size_again == size)
            ck_assert_mem_eq(again, exact, size);
        free(again);
    }
    if (good)
        aur_inputs_free(&read);
    free(exact);
    return good;
}

START_TEST(any_changed_byte_is_refused_or_means_other_inputs)
{
    struct aur_inputs inputs;
    size_t size;
    int taken = 0;
    make_inputs(&inputs);
    uint8_t *bytes = aur_inputs_encode(&inputs, &size);
    for (size_t at = 0; at < size; at++)
        for (uint32_t bit = 0; bit < 8; bit++) {
            bytes[at] = (uint8_t)(bytes[at] ^ 1u << bit);
            taken += refused_or_canonical(bytes, size);
            bytes[at] = (uint8_t)(bytes[at] ^ 1u << bit);
        }
    ck_assert_int_gt(taken, 500);
    free(bytes);
    aur_inputs_free(&inputs);
}
END_TEST

START_TEST(mutated_encodings_never_crash)
{
    start_chance();
    struct aur_inputs inputs;
    size_t size;
    make_inputs(&inputs);
    uint8_t *bytes = aur_inputs_encode(&inputs, &size);
    uint8_t *mutant = malloc(2 * size + 64);
    for (int trial = 0; trial < 20000; trial++) {
        size_t mutant_size = size;
        memcpy(mutant, bytes, size);
        for (uint32_t i = 1 + below(4); i > 0; i--) {
            size_t at = below((uint32_t)mutant_size), run = 1 + below(9);
            run = run < mutant_size - at ? run : mutant_size - at;
            switch (below(4)) {
            case 0:
                mutant[at] = (uint8_t)below(256);
                break;
            case 1:
                mutant[at] = below(2) ? 0xff : 0x80;
                break;
            case 2:
                memmove(mutant + at, mutant + at + run, mutant_size - at - run);
                mutant_size -= run;
                break;
            default:
                memmove(mutant + at + run, mutant + at, mutant_size - at);
                mutant_size += run;
            }
            if (!mutant_size)
                break;
        }
        refused_or_canonical(mutant, mutant_size);
    }
    free(mutant);
    free(bytes);
    aur_inputs_free(&inputs);
}
END_TEST

START_TEST(what_is_no_encoding_is_refused_with_words)
{
    struct aur_inputs inputs, read;
    size_t size;
    make_inputs(&inputs);
    uint8_t *bytes = aur_inputs_encode(&inputs, &size);
    const struct {
        size_t at;
        uint8_t value;
        const char *text;
    } cases[] = {
        {0, 'B', "these are no stored inputs of a run"},
        {4, 0, "stored inputs: of another version, use the aurora that wrote them"},
        {4, 3, "stored inputs: of another version, use the aurora that wrote them"},
        {8, 99, "stored inputs: damaged or cut off, take them from the original again"},
        {16, 65, "stored inputs: the machine's cpus is 65, not within 1 and 64"},
        {16, 0, "stored inputs: the machine's cpus is 0, not within 1 and 64"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct aur_failure failure = {""};
        uint8_t kept = bytes[cases[i].at];
        bytes[cases[i].at] = cases[i].value;
        ck_assert(!aur_inputs_decode(&read, bytes, size, &failure));
        ck_assert_str_eq(failure.text, cases[i].text);
        bytes[cases[i].at] = kept;
    }
    free(bytes);
    aur_inputs_free(&inputs);
}
END_TEST

// What `aurora export --format inputs` of the version before wrote (behind the mark of workload
// files) of an experiment with two tasks under rr, and the digest of the decisions of that run.
// clang-format off
static const uint8_t of_version_1[] = {
    0x41, 0x55, 0x52, 0x49, 0x01, 0x00, 0x00, 0x00, 0x0b, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x09, 0x3d, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0xdc, 0x05, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x88, 0x13, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xe8, 0x03, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x48, 0xe8, 0x01,
    0x00, 0x00, 0x00, 0x00, 0x40, 0x1f, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0xe8, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x72, 0x72, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x80, 0x84, 0x1e, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x07, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0xc2, 0xeb, 0x0b, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x2d, 0x31, 0x01, 0x00, 0x00, 0x00, 0x00, 0x01, 0x05, 0x00, 0x01,
    0x03, 0x00, 0x00, 0x00, 0x61, 0x00, 0x01, 0x02, 0x00, 0x80, 0x28, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x01, 0x05, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x00, 0x00, 0x00, 0x01,
    0x01, 0xc0, 0x8d, 0xb7, 0x01, 0x00, 0x02, 0x01, 0x01, 0x01, 0x00, 0x00,
    0x15, 0x00, 0x01, 0x02, 0x00, 0x00, 0x16, 0x00, 0x01, 0x01, 0x00, 0x00,
    0x02, 0x00, 0x00, 0x00, 0x00, 0x80, 0x84, 0x3e, 0x41, 0x00
};
// clang-format on
#define DIGEST_OF_VERSION_1 UINT64_C(0x900b54881babfc67)

START_TEST(inputs_of_version_1_are_read_and_give_the_same_decisions)
{
    struct aur_inputs read;
    struct aur_failure failure = {""};
    struct aur_run_result result;
    ck_assert_msg(aur_inputs_decode(&read, of_version_1, sizeof of_version_1, &failure), "%s",
                  failure.text);
    ck_assert_str_eq(read.scheduler.name, "rr");
    ck_assert(read.scheduler.params[0] == 2000000 && read.seed == 7);
    ck_assert_str_eq(read.above[AUR_SLOT_REALTIME].name, "prio");
    ck_assert_str_eq(read.above[AUR_SLOT_DEADLINE].name, "edf");
    ck_assert_uint_eq(read.workload.specs[0].instances, 2);
    ck_assert(read.workload.group_count == 0 && read.outage_count == 0);
    ck_assert_msg(aur_simulate(&read, NULL, &result, &failure), "%s", failure.text);
    ck_assert_msg(result.digest == DIGEST_OF_VERSION_1, "%016" PRIx64, result.digest);
    aur_run_result_free(&result);
    aur_inputs_free(&read);
}
END_TEST

// A class that has got one more parameter reads what was stored before with its default.
START_TEST(parameters_that_a_choice_lacks_have_their_defaults)
{
    struct aur_inputs inputs, read;
    struct aur_failure failure = {""};
    size_t size, at = 16 + 8 * 14;
    make_inputs(&inputs);
    uint8_t *bytes = aur_inputs_encode(&inputs, &size);
    ck_assert_mem_eq(bytes + at, "mlfq", 5);
    ck_assert_uint_eq(bytes[at + 16], 4); // parameters
    bytes[at + 16] = 3;
    memmove(bytes + at + 17 + 3 * 8, bytes + at + 17 + 4 * 8, size - at - 17 - 4 * 8);
    ck_assert_msg(aur_inputs_decode(&read, bytes, size - 8, &failure), "%s", failure.text);
    ck_assert_uint_eq(read.scheduler.params[2], UINT64_MAX - 2);
    ck_assert_uint_eq(read.scheduler.params[3],
                      aur_class_info(aur_class_find("mlfq"))->params[3].value);
    aur_inputs_free(&read);
    free(bytes);
    aur_inputs_free(&inputs);
}
END_TEST

START_TEST(outages_that_leave_no_cpu_or_overlap_are_refused)
{
    static const struct {
        struct aur_outage outages[2];
        const char *fault;
    } cases[] = {
        {{{0, 0, 5, 9}, {1, 0, 9, 12}}, NULL},
        {{{0, 0, 5, 9}, {0, 0, 10, 12}}, NULL},
        {{{0, 0, 5, 9}, {2, 0, 9, 12}}, "no such CPU"},
        {{{0, 0, 5, 10}, {1, 0, 9, 12}}, "no CPU is left"},
        {{{0, 0, 5, 9}, {0, 0, 9, 12}}, "off at that time already"},
        {{{0, 0, 5, 9}, {0, 0, 4, 5}}, "not in order"},
        {{{0, 0, 5, 9}, {0, 0, 12, 12}}, "ends before"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        uint32_t at = 0;
        const char *fault = aur_outages_fault(cases[i].outages, 2, 2, &at);
        ck_assert_int_eq(fault != NULL, cases[i].fault != NULL);
        if (fault)
            ck_assert_msg(strstr(fault, cases[i].fault) && at == 1, "%zu: %s", i, fault);
    }
}
END_TEST

START_TEST(the_digest_tells_lengths_and_zeros_apart)
{
    uint8_t zeros[40] = {0};
    uint64_t digests[sizeof zeros];
    for (size_t size = 0; size < sizeof zeros; size++) {
        digests[size] = aur_inputs_digest(zeros, size);
        for (size_t other = 0; other < size; other++)
            ck_assert(digests[other] != digests[size]);
    }
}
END_TEST

// A good mixer flips each of the 64 bits about half of the time for any bit of input.
START_TEST(one_bit_of_input_changes_about_half_of_the_digest)
{
    uint8_t bytes[24] = {0};
    uint32_t flips[64] = {0}, trials = 0;
    chance = 1; // a statement about one fixed stream
    for (int sample = 0; sample < 50; sample++) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)below(256);
        uint64_t digest = aur_inputs_digest(bytes, sizeof bytes);
        for (size_t bit = 0; bit < 8 * sizeof bytes; bit++, trials++) {
            bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1u << bit % 8);
            uint64_t changed = digest ^ aur_inputs_digest(bytes, sizeof bytes);
            bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1u << bit % 8);
            for (uint32_t k = 0; k < 64; k++)
                flips[k] += (uint32_t)(changed >> k & 1);
        }
    }
    // 9,600 trials: six standard deviations of a fair coin are 3.1 %.
    for (uint32_t k = 0; k < 64; k++)
        ck_assert(flips[k] > trials * 0.469 && flips[k] < trials * 0.531);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        the_default_machine_is_its_table,
        decoding_an_encoding_gives_the_same_inputs,
        lines_of_the_source_file_are_not_part_of_the_identity,
        every_bit_of_every_field_changes_the_digest,
        a_distribution_is_known_by_what_its_kind_uses,
        samples_of_a_kind_that_has_none_are_refused,
        every_truncation_is_refused,
        bytes_after_the_end_are_refused,
        any_changed_byte_is_refused_or_means_other_inputs,
        mutated_encodings_never_crash,
        what_is_no_encoding_is_refused_with_words,
        inputs_of_version_1_are_read_and_give_the_same_decisions,
        parameters_that_a_choice_lacks_have_their_defaults,
        outages_that_leave_no_cpu_or_overlap_are_refused,
        the_digest_tells_lengths_and_zeros_apart,
        one_bit_of_input_changes_about_half_of_the_digest,
    };
    return run_tests("inputs", tests, LENGTH(tests), NULL);
}
