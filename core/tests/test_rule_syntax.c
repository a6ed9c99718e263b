// What is refused of a text, where, and with which mend.
#include "tests/rule_scene.h"
#include "tests/run_tests.h"

struct refused {
    const char *text;
    uint32_t line, column;
    const char *words; // in the sentence
};

static void refuse_all(const struct refused *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct aur_rule_refusal *refusal = &scene_of_rules.refusal;
        if (rule_compile(list[i].text) != AUR_RULE_SYNTAX)
            ck_abort_msg("%s: is not refused", list[i].text);
        if (refusal->line != list[i].line || refusal->column != list[i].column ||
            !strstr(refusal->text, list[i].words))
            ck_abort_msg("%s: refused at %u:%u: %s", list[i].text, refusal->line, refusal->column,
                         refusal->text);
    }
}

#define REFUSALS(name, ...)                                                                        \
    START_TEST(name)                                                                               \
    {                                                                                              \
        static const struct refused list[] = {__VA_ARGS__};                                        \
        refuse_all(list, LENGTH(list));                                                            \
    }                                                                                              \
    END_TEST

#define ANY "permit(principal, action, resource)"

REFUSALS(
    a_policy_out_of_form_is_refused_at_the_first_wrong_word,
    {"allow(principal, action, resource);", 1, 1, "expected `permit` or `forbid`, found `allow`"},
    {"permit(principal, action);", 1, 25, "found `)`"}, {"permit();", 1, 8, "expected `principal`"},
    {"permit(action, principal, resource);", 1, 8, "expected `principal` first"},
    {"permit(principal, resource, action);", 1, 19, "expected `action` second"},
    {ANY, 1, 36, "found the end of the text"}, {ANY " when true;", 1, 42, "expected `{`"},
    {ANY " when { };", 1, 44, "the condition is empty"}, {ANY " if { true };", 1, 37, "found `if`"},
    {ANY ";\n\n  @id(5) " ANY ";", 3, 7, "text in quotes"},
    {"@id(\"a\") @id(\"b\") " ANY ";", 1, 11, "`id` twice"},
    {"permit permit", 1, 8, "expected `(`"},
    {"permit(principal: User, action, resource);", 1, 17, "written with `is`"})

REFUSALS(a_scope_takes_entities_alone,
         {"permit(principal == \"alice\", action, resource);", 1, 21, "expected an entity"},
         {"permit(principal == User, action, resource);", 1, 25, "`::` and the entity's id"},
         {"permit(principal in [User::\"a\"], action, resource);", 1, 21,
          "only actions may be in a list"},
         {"permit(principal, action == User::\"a\", resource);", 1, 29, "`User` is no action"},
         {"permit(principal, action in [Action::\"a\", B::\"b\"], resource);", 1, 43,
          "`B` is no action"},
         {"permit(principal, action is Action, resource);", 1, 26, "an action has no type"},
         {"permit(principal == ?principal, action, resource);", 1, 21,
          "templates are not supported"},
         {"permit(principal, action, resource in ?resource);", 1, 39,
          "templates are not supported"},
         {"permit(principal < User::\"a\", action, resource);", 1, 18, "`==`, `in`, `is` or `,`"},
         {"permit(principal == if::\"a\", action, resource);", 1, 21, "is a word of the language"},
         {"permit(principal is A::__cedar, action, resource);", 1, 24, "is a word of the language"})

#define WHEN(expression) "permit(principal, action, resource) when {\n" expression "\n};"

REFUSALS(an_expression_out_of_form_is_refused,
         {WHEN("1 +"), 3, 1, "expected an expression, found `}`"},
         {WHEN("alice == 1"), 2, 1, "`alice` is not known"},
         {WHEN("1 == 2 == 3"), 2, 8, "parentheses"}, {WHEN("1 < 2 in 3"), 2, 7, "parentheses"},
         {WHEN("!!!!!true"), 2, 1, "more than four `!`"},
         {WHEN("-----1 == 1"), 2, 1, "more than four `-`"},
         {WHEN("!-1 == 1"), 2, 2, "expected an expression"},
         {WHEN("1 / 2 == 1"), 2, 3, "no operator `/`"},
         {WHEN("true && if true then true else true"), 2, 9, "put it in parentheses"},
         {WHEN("if true then true"), 3, 1, "expected `else`"},
         {WHEN("principal.if"), 2, 11, "in quotes"}, {WHEN("principal[name]"), 2, 11, "in quotes"},
         {WHEN("[1, 2"), 3, 1, "`,` or `]`"}, {WHEN("[,]"), 2, 2, "expected an expression"},
         {WHEN("{a: 1, a: 2} == {}"), 2, 8, "`a` twice"},
         {WHEN("{a: 1, \"a\": 2} == {}"), 2, 8, "twice"},
         {WHEN("{1: 2} == {}"), 2, 2, "attribute's name"},
         {WHEN("principal has 5"), 2, 15, "attribute's name"},
         {WHEN("principal has a.\"b\""), 2, 17, "after `.`"},
         {WHEN("\"a\" like b"), 2, 10, "pattern in quotes"},
         {WHEN("principal is \"User\""), 2, 14, "a type like"},
         {WHEN("principal is User::\"a\""), 2, 20, "a name after `::`"},
         {WHEN("9223372036854775808 == 1"), 2, 1, "too large"},
         {WHEN("-9223372036854775809 == 1"), 2, 2, "too large"},
         {WHEN("1 == 1 ~ 2"), 2, 8, "`~` is no part of the language"},
         {WHEN("a & b"), 2, 1, "is not known"}, {WHEN("true & true"), 2, 6, "found `&`"},
         {WHEN("?principal == 1"), 2, 1, "templates are not supported"},
         {WHEN("principal()"), 2, 10, "only functions and methods"},
         {WHEN("(true"), 3, 1, "expected `)`"},
         {WHEN("true; false"), 2, 5, "`}` at the condition's end"})

REFUSALS(only_functions_and_methods_that_there_are_can_be_called,
         {WHEN("ip(\"::1\", 2)"), 2, 1, "takes one value"}, {WHEN("ip()"), 2, 1, "takes one value"},
         {WHEN("\"127.0.0.1\".ip()"), 2, 13, "is a function"},
         {WHEN("isIpv4(ip(\"::1\"))"), 2, 1, "is a method"},
         {WHEN("foo(1)"), 2, 1, "is no function"},
         {WHEN("A::ip(\"::1\")"), 2, 1, "no function has a path"},
         {WHEN("[].size()"), 2, 4, "is no method"},
         {WHEN("[].contains()"), 2, 4, "takes one value"},
         {WHEN("[].isEmpty(1)"), 2, 4, "takes nothing"},
         {WHEN("decimal(\"1.0\").lessThan()"), 2, 16, "takes one value"})

REFUSALS(a_string_must_be_spelled_well, {WHEN("\"a"), 2, 1, "never ends"},
         {WHEN("\"a\\q\" == 1"), 2, 4, "no such escape"},
         {WHEN("\"\\*\" == 1"), 2, 3, "no such escape"},
         {WHEN("\"\\x80\" == 1"), 2, 4, "goes to 7F"},
         {WHEN("\"\\x4\" == 1"), 2, 4, "two hexadecimal digits"},
         {WHEN("\"\\u{}\" == 1"), 2, 5, "one to six"},
         {WHEN("\"\\u{1111111}\" == 1"), 2, 11, "one to six"},
         {WHEN("\"\\u{d800}\" == 1"), 2, 9, "no character"},
         {WHEN("\"\\u{110000}\" == 1"), 2, 11, "no character"},
         {WHEN("\"\\u41\" == 1"), 2, 4, "digits in braces"}, {WHEN("\"\xff\" == 1"), 2, 2, "UTF-8"},
         {WHEN("\"\xc3\xa9\xed\xa0\x80\" == 1"), 2, 3, "UTF-8"},
         {WHEN("\"a\r\" == 1"), 2, 3, "carriage return"})

START_TEST(what_cedar_takes_is_taken)
{
    static const char *const texts[] = {
        "",
        " // nothing\n",
        ANY ";",
        "\xef\xbb\xbf" ANY ";",
        "@a @b(\"x\") @if(\"y\")\n" ANY ";",
        "permit(principal, action, resource,);",
        "permit(principal, action in [], resource);",
        "permit(principal, action in [Action::\"a\", X::Action::\"b\",], resource);",
        "permit(principal is A::B in C::\"\", action == Action::\"a\", resource == D::\"d\");",
        WHEN("[1, 2,].contains(1,)") ANY ";",
        WHEN("{a: 1,} == {\"a\": 1}"),
        ANY " when { true } unless { false } when { principal has a };",
        WHEN("principal.contains.isEmpty == context.has_tag"),
        WHEN("context::\"a\" == principal"),
        WHEN("if if true then true else false then 1 == 1 else true"),
        "permit\xc2\xa0(principal,\xe2\x80\x83"
        "action,\xe3\x80\x80resource)\r\n;",
        WHEN("principal.permit.forbid.when.unless.principal == 1"),
        WHEN("!true || -1 < 2 && - 1 < - - 2"),
        WHEN("[{a: [{}]}, {}] == [[], [[]]]")};
    for (size_t i = 0; i < LENGTH(texts); i++)
        if (rule_compile(texts[i]) != AUR_RULE_OK)
            ck_abort_msg("%s: refused at %u:%u: %s", texts[i], scene_of_rules.refusal.line,
                         scene_of_rules.refusal.column, scene_of_rules.refusal.text);
}
END_TEST

START_TEST(a_policy_says_its_effect_place_and_annotations)
{
    struct aur_rule_policy_info info;
    struct aur_rule_string key, value;
    ck_assert_uint_eq(rule_compile(ANY ";\n @id(\"x\") @empty forbid(principal, action, resource)"
                                       " when { context.a };"),
                      AUR_RULE_OK);
    ck_assert_uint_eq(aur_rule_set_count(rule_set()), 2);
    aur_rule_policy(rule_set(), 0, &info);
    ck_assert(info.permit && !info.reads_context && !info.id.bytes && info.annotations == 0);
    aur_rule_policy(rule_set(), 1, &info);
    ck_assert(!info.permit && info.reads_context && info.annotations == 2);
    ck_assert(info.line == 2 && info.column == 2);
    ck_assert(info.id.size == 1 && info.id.bytes[0] == 'x');
    aur_rule_annotation(rule_set(), 1, 1, &key, &value);
    ck_assert(key.size == 5 && memcmp(key.bytes, "empty", 5) == 0 && value.size == 0);
}
END_TEST

// Every kind of bracket and operator that may be nested, as deep as may be, and once more.
START_TEST(nesting_is_bounded_and_refused)
{
    static const char *const open[] = {"(", "[", "{a: ", "if true then ", "[].contains(", "ip("};
    static const char *const close[] = {")", "]", "}", " else true", ")", ")"};
    char text[8192];
    for (size_t kind = 0; kind < LENGTH(open); kind++)
        for (uint32_t depth = 30; depth <= 20000 / 12; depth += depth < 70 ? 1 : 500) {
            bool value = kind == 1 || kind == 2; // AUR_RULE_DEPTH bounds these
            strcpy(text, ANY " when { ");
            for (uint32_t i = 0; i < depth && strlen(text) < 4000; i++)
                strcat(text, open[kind]);
            strcat(text, "true");
            for (uint32_t i = 0; i < depth && strlen(text) < 8000; i++)
                strcat(text, close[kind]);
            strcat(text, " };");
            enum aur_rule_status status = rule_compile(text);
            if (depth < AUR_RULE_NESTING)
                ck_assert_uint_eq(status, value && depth > AUR_RULE_DEPTH ? AUR_RULE_TOO_DEEP
                                                                          : AUR_RULE_OK);
            else
                ck_assert(status == AUR_RULE_SYNTAX || (value && status == AUR_RULE_TOO_DEEP));
        }
}
END_TEST

START_TEST(a_block_too_small_is_full_and_never_overrun)
{
    static const char text[] =
        "@id(\"a\") permit(principal in A::\"b\", action in [Action::\"x\"], resource)"
        "when { [1, 2, \"a\"].contains(principal.b) && context like \"a*\" || {a: ip(\"::1\")} == "
        "1 };";
    struct aur_rule_refusal refusal;
    ck_assert_uint_eq(rule_compile(text), AUR_RULE_OK);
    uint32_t bytes = aur_rule_set_bytes(rule_set());
    bool fitted = false;
    for (size_t size = 0; size < 2 * bytes; size += 8) {
        unsigned char *block = malloc(size + 1); // so that a sanitizer sees its end
        block[size] = 0xa5;
        enum aur_rule_status status =
            aur_rule_compile(block, size, text, sizeof text - 1, &refusal);
        ck_assert(status == AUR_RULE_OK || status == AUR_RULE_NO_ROOM);
        ck_assert(!fitted || status == AUR_RULE_OK);
        ck_assert_uint_eq(block[size], 0xa5);
        fitted |= status == AUR_RULE_OK;
        free(block);
    }
    ck_assert(fitted);
}
END_TEST

START_TEST(too_many_pending_values_are_refused)
{
    char text[8192] = ANY " when { [";
    for (int i = 0; i < 300; i++)
        strcat(text, "principal.a,");
    strcat(text, "] == 1 };");
    ck_assert_uint_eq(rule_compile(text), AUR_RULE_SYNTAX);
    ck_assert(strstr(scene_of_rules.refusal.text, "256 values pending"));
    char constants[8192] = ANY " when { [";
    for (int i = 0; i < 1000; i++)
        snprintf(constants + strlen(constants), 16, "%d,", i);
    strcat(constants, "].contains(context.n) };");
    ck_assert_uint_eq(rule_compile(constants), AUR_RULE_OK);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_policy_out_of_form_is_refused_at_the_first_wrong_word,
                                  a_scope_takes_entities_alone,
                                  an_expression_out_of_form_is_refused,
                                  only_functions_and_methods_that_there_are_can_be_called,
                                  a_string_must_be_spelled_well,
                                  what_cedar_takes_is_taken,
                                  a_policy_says_its_effect_place_and_annotations,
                                  nesting_is_bounded_and_refused,
                                  a_block_too_small_is_full_and_never_overrun,
                                  too_many_pending_values_are_refused};
    return run_tests("rule_syntax", tests, LENGTH(tests));
}
