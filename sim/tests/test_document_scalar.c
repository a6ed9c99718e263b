// Numbers, times and words out of a document, and what is said of bad ones.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/run_tests.h"
#include "workload/document.h"

// Reads the value of `k` in {"k": value} as YAML, with `get`; the failure's text, or "".
static const char *scalar(const char *value,
                          bool (*get)(const struct aur_document *document,
                                      const struct aur_node *node, struct aur_failure *failure))
{
    static struct aur_failure failure;
    char text[200];
    struct aur_document document;

    failure.text[0] = '\0';
    snprintf(text, sizeof text, "\nk: %s\n", value);
    aur_document_init(&document, "f");
    ck_assert(aur_document_read_yaml(&document, text, strlen(text), &failure));
    bool good =
        get(&document, aur_document_child(&document, aur_document_root(&document)), &failure);
    ck_assert_int_eq(good, failure.text[0] == '\0');
    aur_document_free(&document);
    return failure.text;
}

static int64_t got_integer;

static bool get_integer(const struct aur_document *document, const struct aur_node *node,
                        struct aur_failure *failure)
{
    return aur_document_integer(document, node, -100, 5000, &got_integer, failure);
}

static bool get_any_integer(const struct aur_document *document, const struct aur_node *node,
                            struct aur_failure *failure)
{
    return aur_document_integer(document, node, INT64_MIN, INT64_MAX, &got_integer, failure);
}

START_TEST(integers_are_exact_however_they_are_written)
{
    static const struct {
        const char *text;
        int64_t value;
    } cases[] = {{"0", 0},     {"-100", -100},         {"5.0", 5},
                 {"5.", 5},    {"1e3", 1000},          {"1.5e3", 1500},
                 {"0x1F", 31}, {"0o17", 15},           {"25000e-2", 250},
                 {"+7", 7},    {"0.00e99999999999", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_str_eq(scalar(cases[i].text, get_integer), "");
        ck_assert_int_eq(got_integer, cases[i].value);
    }
    ck_assert_str_eq(scalar("9223372036854775807", get_any_integer), "");
    ck_assert(got_integer == INT64_MAX);
    ck_assert_str_eq(scalar("-9223372036854775807", get_any_integer), "");
    ck_assert(got_integer == -INT64_MAX);
}
END_TEST

START_TEST(what_is_no_integer_is_refused_with_line_and_range)
{
    static const char *const texts[] = {"1.5", "1e-1",  "5001", "-101",
                                        "abc", "\"5\"", "true", "1e99",
                                        "[1]", "{}",    ".inf", "99999999999999999999"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *failure = scalar(texts[i], get_integer);
        ck_assert_ptr_nonnull(strstr(failure, "but must be a whole number from -100 to 5000"));
        ck_assert_int_eq(strncmp(failure, "f:2: \"k\" is ", 12), 0);
    }
    ck_assert_str_eq(scalar("abc", get_any_integer),
                     "f:2: \"k\" is \"abc\", but must be a whole number");
    ck_assert_str_eq(scalar("~", get_integer),
                     "f:2: \"k\" is empty, but must be a whole number from -100 to 5000");
}
END_TEST

static double got_real;

static bool get_real(const struct aur_document *document, const struct aur_node *node,
                     struct aur_failure *failure)
{
    return aur_document_real(document, node, &got_real, failure);
}

START_TEST(reals_are_the_nearest_double)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {{"0.1", 0.1},
                 {"-2.5e3", -2500},
                 {"0x10", 16},
                 {"0o10", 8},
                 {"123456789012345678901234567890", 123456789012345678901234567890.0},
                 {"1e308", 1e308}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_str_eq(scalar(cases[i].text, get_real), "");
        ck_assert(got_real == cases[i].value);
    }
    ck_assert_str_eq(scalar("1e999", get_real), "f:2: \"k\" is 1e999, but must be a finite number");
    ck_assert_str_eq(scalar(".nan", get_real), "f:2: \"k\" is .nan, but must be a number");
    ck_assert_str_eq(scalar("x", get_real), "f:2: \"k\" is \"x\", but must be a number");
}
END_TEST

static uint64_t got_duration;

static bool get_duration(const struct aur_document *document, const struct aur_node *node,
                         struct aur_failure *failure)
{
    return aur_document_duration(document, node, 1000, &got_duration, failure);
}

START_TEST(durations_are_exact_to_the_nanosecond)
{
    static const struct {
        const char *text;
        uint64_t value;
    } cases[] = {{"5", 5000},
                 {"1.5", 1500},
                 {"4ms", 4000000},
                 {"1.5 us", 1500},
                 {"\"2s\"", 2000000000},
                 {"300ns", 300},
                 {"0.1 \xc2\xb5s", 100},
                 {"0.0004", 0},
                 {"0.0005", 1},
                 {"0.00049999", 0},
                 {"1.2345678949us", 1235},
                 {"0ms", 0},
                 {"-0", 0},
                 {"1e-400", 0},
                 {"4611686018427387903ns", (UINT64_C(1) << 62) - 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_str_eq(scalar(cases[i].text, get_duration), "");
        ck_assert_msg(got_duration == cases[i].value, "%s is %" PRIu64, cases[i].text,
                      got_duration);
    }
}
END_TEST

START_TEST(what_is_no_duration_is_refused)
{
    static const char *const texts[] = {"abc", "4 minutes", "true", "[1]", "\"5\"", "ms", "1e"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        ck_assert_ptr_nonnull(strstr(scalar(texts[i], get_duration),
                                     "but must be a time such as 250, \"4ms\" or \"1.5us\""));
    ck_assert_str_eq(scalar("-5", get_duration),
                     "f:2: \"k\" is -5, but must be a time, which cannot be negative");
    ck_assert_str_eq(scalar("-1ms", get_duration),
                     "f:2: \"k\" is \"-1ms\", but must be a time, which cannot be negative");
    ck_assert_str_eq(scalar("4611686018427387904ns", get_duration),
                     "f:2: \"k\" is \"4611686018427387904ns\", but must be a time below 146 years");
    ck_assert_str_eq(scalar("1e300", get_duration),
                     "f:2: \"k\" is 1e300, but must be a time below 146 years");
}
END_TEST

static bool get_string(const struct aur_document *document, const struct aur_node *node,
                       struct aur_failure *failure)
{
    const char *text;
    return aur_document_string(document, node, &text, failure);
}

static bool get_bool(const struct aur_document *document, const struct aur_node *node,
                     struct aur_failure *failure)
{
    bool truth;
    return aur_document_bool(document, node, &truth, failure);
}

START_TEST(strings_and_truths_are_not_taken_from_other_types)
{
    ck_assert_str_eq(scalar("abc", get_string), "");
    ck_assert_str_eq(scalar("5", get_string), "f:2: \"k\" is 5, but must be text in quotes");
    ck_assert_str_eq(scalar("True", get_bool), "");
    ck_assert_str_eq(scalar("yes", get_bool), "f:2: \"k\" is \"yes\", but must be true or false");
    ck_assert_str_eq(scalar("1", get_bool), "f:2: \"k\" is 1, but must be true or false");
}
END_TEST

START_TEST(the_nearest_name_is_the_one_with_fewest_slips)
{
    static const char *const names[] = {"priority", "period", "policy", "loop",
                                        "cpus",     "run",    NULL};
    static const char *const cases[][2] = {
        {"priorty", "priority"}, {"Priority", "priority"}, {"peroid", "period"}, {"cpu", "cpus"},
        {"lopp", "loop"},        {"rnu", "run"},           {"xyz", NULL},        {"", NULL},
        {"entirely_else", NULL}, {"prio", "priority"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *near = aur_document_nearest(cases[i][0], names);
        ck_assert_msg(cases[i][1] ? near && strcmp(near, cases[i][1]) == 0 : !near,
                      "%s is near to %s", cases[i][0], near ? near : "nothing");
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        integers_are_exact_however_they_are_written,
        what_is_no_integer_is_refused_with_line_and_range,
        reals_are_the_nearest_double,
        durations_are_exact_to_the_nanosecond,
        what_is_no_duration_is_refused,
        strings_and_truths_are_not_taken_from_other_types,
        the_nearest_name_is_the_one_with_fewest_slips,
    };
    return run_tests("document_scalar", tests, LENGTH(tests), NULL);
}
