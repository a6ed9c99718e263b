// Documents: what the JSON and YAML readers make of a text, and what they say of a bad one.
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/chance.h"
#include "tests/run_tests.h"
#include "workload/document.h"

typedef bool reader(struct aur_document *document, const char *bytes, size_t size,
                    struct aur_failure *failure);

static char *outline_end;

// The tree as one line: {a: 1, b: ["x"]}, strings quoted, so that trees compare as text.
static void outline(const struct aur_document *document, const struct aur_node *node)
{
    const char *open = node->kind == AUR_NODE_MAP ? "{" : "[";
    const char *close = node->kind == AUR_NODE_MAP ? "}" : "]";
    if (node->kind == AUR_NODE_STRING)
        outline_end += sprintf(outline_end, "\"%s\"", aur_document_text(document, node));
    else if (node->kind == AUR_NODE_NULL)
        outline_end += sprintf(outline_end, "null");
    else if (node->kind == AUR_NODE_BOOL)
        outline_end += sprintf(outline_end, node->truth ? "true" : "false");
    else if (node->kind == AUR_NODE_NUMBER)
        outline_end += sprintf(outline_end, "%s", aur_document_text(document, node));
    else {
        outline_end += sprintf(outline_end, "%s", open);
        for (const struct aur_node *child = aur_document_child(document, node); child;
             child = aur_document_next(document, child)) {
            if (node->kind == AUR_NODE_MAP)
                outline_end += sprintf(outline_end, "%s: ", aur_document_key(document, child));
            outline(document, child);
            if (aur_document_next(document, child))
                outline_end += sprintf(outline_end, ", ");
        }
        outline_end += sprintf(outline_end, "%s", close);
    }
}

// The outline of a text, or its failure.
static const char *read_as(reader *read, const char *bytes, size_t size)
{
    static char text[65536];
    struct aur_document document;
    struct aur_failure failure = {""};

    aur_document_init(&document, "f");
    outline_end = text;
    if (read(&document, bytes, size, &failure))
        outline(&document, aur_document_root(&document));
    else
        strcpy(text, failure.text);
    aur_document_free(&document);
    return text;
}

static const char *json(const char *text)
{
    return read_as(aur_document_read_json, text, strlen(text));
}

static const char *yaml(const char *text)
{
    return read_as(aur_document_read_yaml, text, strlen(text));
}

// --- JSON ----------------------------------------------------------------------------------------

START_TEST(json_keeps_order_and_repetition_of_keys)
{
    ck_assert_str_eq(json("{\"run\": 1, \"sleep\": 2, \"run\": 3, \"run\": [1, {\"x\": null}]}"),
                     "{run: 1, sleep: 2, run: 3, run: [1, {x: null}]}");
}
END_TEST

START_TEST(json_numbers_stay_as_written)
{
    ck_assert_str_eq(json("[1, -2, 0.10, 1e3, 123456789012345678901234567890]"),
                     "[1, -2, 0.10, 1e3, 123456789012345678901234567890]");
}
END_TEST

START_TEST(json_comments_and_trailing_commas_leave_no_trace)
{
    ck_assert_str_eq(json("/* a */ { // b\n \"x\" : [1, 2, /* c */ ], // d\n \"y\" : true,\n}\n//"),
                     "{x: [1, 2], y: true}");
    ck_assert_str_eq(json("\xef\xbb\xbf[]"), "[]");
}
END_TEST

START_TEST(json_strings_may_hold_what_would_be_a_comment_or_a_comma_outside)
{
    ck_assert_str_eq(json("{\"a,}\": \"// no, ]\", \"b\": \"\\\"/* \\\\\"}"),
                     "{a,}: \"// no, ]\", b: \"\"/* \\\"}");
}
END_TEST

START_TEST(json_key_without_a_value_reads_as_null)
{
    ck_assert_str_eq(json("{\"suspend\", \"run\": 1, \"suspend\" /* c */ , \"x\": [\"s\", \"t\"],"
                          "\"suspend\"}"),
                     "{suspend: null, run: 1, suspend: null, x: [\"s\", \"t\"], suspend: null}");
}
END_TEST

START_TEST(json_nodes_know_their_line)
{
    const char *text = "{\n  \"a\": 1,\n  /* two\n lines */ \"b\": {\n    \"c\": [\n 1,\n 2\n]}}\n";
    struct aur_document document;
    struct aur_failure failure = {""};

    aur_document_init(&document, "f");
    ck_assert(aur_document_read_json(&document, text, strlen(text), &failure));
    const struct aur_node *root = aur_document_root(&document);
    const struct aur_node *b = aur_document_find(&document, root, "b");
    const struct aur_node *c = aur_document_find(&document, b, "c");
    const struct aur_node *one = aur_document_child(&document, c);
    ck_assert_uint_eq(root->line, 1);
    ck_assert_uint_eq(aur_document_find(&document, root, "a")->line, 2);
    ck_assert_uint_eq(b->line, 4);
    ck_assert_uint_eq(c->line, 5);
    ck_assert_uint_eq(one->line, 6);
    ck_assert_uint_eq(aur_document_next(&document, one)->line, 7);
    ck_assert_ptr_null(aur_document_find(&document, root, "c"));
    ck_assert_ptr_null(aur_document_find(&document, one, "c"));
    aur_document_free(&document);
}
END_TEST

START_TEST(bad_json_is_refused_with_its_line)
{
    static const struct {
        const char *text, *failure;
    } cases[] = {
        {"", "f:1: not JSON: premature EOF, correct it here or just before"},
        {"{\n\"a\": 1\n", "f:3: not JSON: premature EOF, correct it here or just before"},
        {"{\n\n  \"a\": wrong }", "f:3: not JSON: invalid char in json text, correct it here or "
                                  "just before"},
        {"{\n\"a\" 1 }", "f:2: not JSON: object key and value must be separated by a colon (':'), "
                         "correct it here or just before"},
        {"[1,\n,2]", "f:2: not JSON: unallowed token at this point in JSON text, correct it here "
                     "or just before"},
        {"[,]", "f:1: not JSON: unallowed token at this point in JSON text, correct it here or "
                "just before"},
        {"{,}", "f:1: not JSON: invalid object key (must be a string), correct it here or just "
                "before"},
        {"{}\n{}", "f:2: not JSON: trailing garbage, correct it here or just before"},
        {"[1]\n/* never\nends", "f:2: a comment opens here and never ends, close it with */"},
        {"{\n\"a\": \"x\\u0000y\"}", "f:2: a text holds \\u0000, write it without"},
        {"[\"\xff\"]", "f:1: not JSON: invalid bytes in UTF8 string, correct it here or just "
                       "before"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_str_eq(json(cases[i].text), cases[i].failure);
}
END_TEST

START_TEST(json_nested_too_deeply_is_refused_and_the_limit_is_not)
{
    char text[2 * AUR_DOCUMENT_DEPTH + 3] = "";
    memset(text, '[', AUR_DOCUMENT_DEPTH);
    memset(text + AUR_DOCUMENT_DEPTH, ']', AUR_DOCUMENT_DEPTH);
    ck_assert_str_eq(json(text), text);
    memset(text, '[', AUR_DOCUMENT_DEPTH + 1);
    ck_assert_str_eq(json(text), "f:1: more than 64 brackets are open here, nest less deeply");
}
END_TEST

START_TEST(a_file_with_too_many_values_is_refused)
{
    uint32_t count = AUR_DOCUMENT_NODES;
    char *text = malloc(2 * (size_t)count + 3), *end = text;
    *end++ = '[';
    for (uint32_t i = 0; i < count; i++) {
        *end++ = '1';
        *end++ = ',';
    }
    *end++ = ']';
    ck_assert_str_eq(read_as(aur_document_read_json, text, (size_t)(end - text)),
                     "f:1: the file holds too much from here on, split it (at most 1048576 "
                     "values)");
    ck_assert_str_eq(read_as(aur_document_read_json, text, AUR_DOCUMENT_BYTES + 1),
                     "f: larger than 16 MiB, split it");
    ck_assert_str_eq(read_as(aur_document_read_yaml, text, AUR_DOCUMENT_BYTES + 1),
                     "f: larger than 16 MiB, split it");
    free(text);
}
END_TEST

// --- YAML ----------------------------------------------------------------------------------------

// The examples of section 10.3.2 of YAML 1.2.2, and its neighbours.
START_TEST(yaml_types_plain_scalars_by_the_core_schema)
{
    ck_assert_str_eq(yaml("[null, Null, NULL, ~, nULL, true, True, TRUE, false, yes, no, tRUE]"),
                     "[null, null, null, null, \"nULL\", true, true, true, false, \"yes\", \"no\", "
                     "\"tRUE\"]");
    ck_assert_str_eq(yaml("[0, 0o7, 0x3A, -19, +5, 0., -0.0, .5, +12e03, -2E+05, .inf, -.Inf, "
                          "+.INF, .NAN]"),
                     "[0, 0o7, 0x3A, -19, +5, 0., -0.0, .5, +12e03, -2E+05, .inf, -.Inf, +.INF, "
                     ".NAN]");
    ck_assert_str_eq(yaml("[0o8, 0x, 1e, ., -, 4ms, 1_000, 1.2.3, 0x3G, e5, '-']"),
                     "[\"0o8\", \"0x\", \"1e\", \".\", \"-\", \"4ms\", \"1_000\", \"1.2.3\", "
                     "\"0x3G\", \"e5\", \"-\"]");
    ck_assert_str_eq(yaml("a:\nb: ''\nc: \"1\"\nd: |\n  true\n"),
                     "{a: null, b: \"\", c: \"1\", d: \"true\n\"}");
}
END_TEST

START_TEST(yaml_reads_json_as_the_json_reader_does)
{
    static const char *const texts[] = {
        "{\"a\": 1, \"b\": [true, null, \"x y\", -2.5e3, {}], \"c\": {\"d\": [], \"e\": \"1\"}}",
        "[]",
        "{}",
        "\"text\"",
        "12",
        "null",
        "[[[[1]]], {\"k\": {\"k\": {\"k\": \"v\\n\\u00e9\\\"\"}}}]"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char first[1000];
        strcpy(first, json(texts[i]));
        ck_assert_str_eq(yaml(texts[i]), first);
    }
}
END_TEST

START_TEST(yaml_aliases_become_copies)
{
    ck_assert_str_eq(yaml("base: &b {cpus: 2, list: [1, '2']}\ncopy: *b\nword: &w fifo\nw: [*w]\n"),
                     "{base: {cpus: 2, list: [1, \"2\"]}, copy: {cpus: 2, list: [1, \"2\"]}, "
                     "word: \"fifo\", w: [\"fifo\"]}");
    ck_assert_str_eq(yaml("- &a 1\n- *a\n- &a true\n- *a\n"), "[1, 1, true, true]");
}
END_TEST

START_TEST(bad_yaml_is_refused_with_its_line)
{
    static const struct {
        const char *text, *failure;
    } cases[] = {
        {"", "f: empty, write something into it"},
        {"# only a comment\n", "f: empty, write something into it"},
        {"a: 1\nb: 2\na: 3\n", "f:3: \"a\" is here already, on line 1, remove one"},
        {"x:\n  k: 1\n  l: 2\n  k: 3\n", "f:4: \"k\" is here already, on line 2, remove one"},
        {"a: 1\nb: *nowhere\n",
         "f:2: *nowhere names no anchor above it, write &nowhere at what it should repeat"},
        {"a: &x\n  b: *x\n", "f:2: *x stands inside the very value it repeats, write that out"},
        {"a: !!int 5\n", "f:1: the tag tag:yaml.org,2002:int, remove it: values have no tags here"},
        {"a:\n- !x [1]\n", "f:2: the tag !x, remove it: values have no tags here"},
        {"a: 1\n---\nb: 2\n", "f:2: a second document, put it into a second file"},
        {"? [a]\n: 1\n", "f:1: a map or list as a key, use a word"},
        {"a: &k x\n*k : 1\n", "f:2: an alias as a key, write the key out"},
        {"&k a: 1\n", "f:1: an anchor on a key, put it on the value"},
        {"a: \"x\\0y\"\n", "f:1: a text holds a zero byte, write it without"},
        {"a: 1\n b: 2\n",
         "f:2: not YAML: mapping values are not allowed in this context, correct it here or just "
         "before"},
        {"a: [1, 2\n", "f:2: not YAML: did not find expected ',' or ']', correct it here or just "
                       "before"},
        {"a:\n\t- 1\n", "f:2: not YAML: found character that cannot start any token, correct it "
                        "here or just before"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_str_eq(yaml(cases[i].text), cases[i].failure);
}
END_TEST

START_TEST(yaml_aliases_that_multiply_are_refused)
{
    char text[2000], *end = text;
    end += sprintf(end, "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 12; i++)
        end += sprintf(end, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i, i - 1,
                       i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    ck_assert_str_eq(yaml(text), "f:7: the file holds too much from here on, split it (at most "
                                 "1048576 values)");
}
END_TEST

START_TEST(yaml_nested_too_deeply_is_refused_also_through_aliases)
{
    char text[4000], *end = text;
    memset(text, '[', AUR_DOCUMENT_DEPTH);
    memset(text + AUR_DOCUMENT_DEPTH, ']', AUR_DOCUMENT_DEPTH);
    text[2 * AUR_DOCUMENT_DEPTH] = '\0';
    ck_assert_str_eq(yaml(text), text);
    memset(text, '[', AUR_DOCUMENT_DEPTH + 1);
    ck_assert_str_eq(yaml(text), "f:1: nested more than 64 deep here, nest less deeply");

    end += sprintf(end, "- &a0 [1]\n");
    for (int i = 1; i <= 70; i++)
        end += sprintf(end, "- &a%d [*a%d]\n", i, i - 1);
    ck_assert_str_eq(yaml(text), "f:64: nested more than 64 deep here, nest less deeply");
}
END_TEST

// --- any bytes -----------------------------------------------------------------------------------

// Changes some bytes: other characters, cuts, doublings, and the ones that mean something.
static size_t mutate(char *bytes, size_t size, size_t room)
{
    static const char telling[] = "{}[],:\"'\\/*-&!|>%#\n\t 0aé";
    for (uint32_t i = 1 + below(8); i > 0 && size; i--) {
        size_t at = below((uint32_t)size), run = 1 + below(12);
        switch (below(5)) {
        case 0:
            bytes[at] = (char)below(256);
            break;
        case 1:
            bytes[at] = telling[below(sizeof telling - 1)];
            break;
        case 2:
            run = run < size - at ? run : size - at;
            memmove(bytes + at, bytes + at + run, size - at - run);
            size -= run;
            break;
        case 3:
            run = run < size - at ? run : size - at;
            if (size + run <= room) {
                memmove(bytes + at + run, bytes + at, size - at);
                size += run;
            }
            break;
        default:
            size = below(4) ? size : at;
        }
    }
    return size;
}

static void mutated(reader *read, const char *seed)
{
    char bytes[2000];
    start_chance();
    for (int trial = 0; trial < 2000; trial++) {
        size_t size = strlen(seed);
        memcpy(bytes, seed, size);
        size = mutate(bytes, size, sizeof bytes);
        // An exact copy, so that a sanitizer sees a read beyond its end.
        char *exact = malloc(size ? size : 1);
        memcpy(exact, bytes, size);
        struct aur_document document;
        struct aur_failure failure = {""};
        aur_document_init(&document, "f");
        bool good = read(&document, exact, size, &failure);
        if (good)
            ck_assert_ptr_nonnull(aur_document_root(&document));
        else
            ck_assert_int_eq(strncmp(failure.text, "f:", 2), 0);
        aur_document_free(&document);
        free(exact);
    }
}

START_TEST(mutated_json_is_read_or_refused_but_never_crashes)
{
    mutated(aur_document_read_json,
            "{ /* c */ \"tasks\": {\n\"a\": {\"loop\": -1, \"run\": [1, 2.5e3, true, null,],\n"
            "\"suspend\", // d\n\"x\": \"\\u00e9\\n\"}},\n}\n");
}
END_TEST

START_TEST(mutated_yaml_is_read_or_refused_but_never_crashes)
{
    mutated(aur_document_read_yaml,
            "# c\nname: &n first look\nmachine: &m {cpus: 2, tick: 4ms}\nsweep:\n  scheduler: "
            "[fifo, \"rr\", 'eevdf']\n  again: *m\ntext: |\n  line\n  line\nk: >-\n  folded\n? q\n"
            ": -1.5e3\nz: *n\n");
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        json_keeps_order_and_repetition_of_keys,
        json_numbers_stay_as_written,
        json_comments_and_trailing_commas_leave_no_trace,
        json_strings_may_hold_what_would_be_a_comment_or_a_comma_outside,
        json_key_without_a_value_reads_as_null,
        json_nodes_know_their_line,
        bad_json_is_refused_with_its_line,
        json_nested_too_deeply_is_refused_and_the_limit_is_not,
        a_file_with_too_many_values_is_refused,
        yaml_types_plain_scalars_by_the_core_schema,
        yaml_reads_json_as_the_json_reader_does,
        yaml_aliases_become_copies,
        bad_yaml_is_refused_with_its_line,
        yaml_aliases_that_multiply_are_refused,
        yaml_nested_too_deeply_is_refused_also_through_aliases,
        mutated_json_is_read_or_refused_but_never_crashes,
        mutated_yaml_is_read_or_refused_but_never_crashes,
    };
    return run_tests("document", tests, LENGTH(tests), NULL);
}
