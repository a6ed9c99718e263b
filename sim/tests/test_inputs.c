// Stored inputs: what is written is read back, equal inputs are equal bytes, and any other bytes
// are refused without harm.
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "machine/inputs.h"
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

static void make_inputs(struct aur_inputs *inputs)
{
    struct aur_failure failure;
    aur_inputs_init(inputs);
    ck_assert_msg(load_bytes(&inputs->workload, everything, strlen(everything), &failure), "%s",
                  failure.text);
    strcpy(inputs->scheduler.name, "eevdf");
    for (uint32_t i = 0; i < AUR_CLASS_PARAMS; i++)
        inputs->scheduler.params[i] = UINT64_MAX - i;
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
    COUNTS(inputs.scheduler);
    COUNTS(inputs.seed);
    COUNTS(inputs.replication);
    COUNTS(inputs.duration_ns);
    COUNTS(inputs.warmup_ns);
    COUNTS(workload->timers);
    COUNTS(workload->duration_ns);
    // All of a spec but its reserved word, which is the last and must be 0.
    each_bit_counts(&inputs, &workload->specs[1], offsetof(struct aur_spec, reserved));
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

// Bytes either are refused or are the one encoding of what they decode to.
static bool refused_or_canonical(const uint8_t *bytes, size_t size)
{
    struct aur_inputs read;
    struct aur_failure failure = {""};
    size_t size_again;
    uint8_t *exact = malloc(size ? size : 1);
    memcpy(exact, bytes, size);
    bool good = aur_inputs_decode(&read, exact, size, &failure);
    ck_assert_int_eq(good, failure.text[0] == '\0');
    if (good) {
        uint8_t *again = aur_inputs_encode(&read, &size_again);
        ck_assert_uint_eq(size_again, size);
        ck_assert_mem_eq(again, exact, size);
        free(again);
        aur_inputs_free(&read);
    }
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
        {4, 2, "stored inputs: of another version, use the aurora that wrote them"},
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
        the_digest_tells_lengths_and_zeros_apart,
        one_bit_of_input_changes_about_half_of_the_digest,
    };
    return run_tests("inputs", tests, LENGTH(tests), NULL);
}
