// The examples of Cedar's documentation, "Operators and functions" (docs.cedarpolicy.com,
// policies/syntax-operators), each under the heading of its section, and what the formal
// semantics (cedar-spec, Cedar/Spec/Evaluator.lean) says beyond them.
#include "tests/rule_scene.h"
#include "tests/run_tests.h"

#define ERR(name) (-AUR_RULE_ERROR_##name)

struct example {
    const char *expression;
    int worth;
};

static void try_all(const struct example *examples, size_t count)
{
    rule_world();
    rule_request("alice", "view", "sun", false);
    for (size_t i = 0; i < count; i++) {
        int worth = rule_worth(examples[i].expression);
        if (worth != examples[i].worth)
            ck_abort_msg("%s: is %d, should be %d", examples[i].expression, worth,
                         examples[i].worth);
    }
}

#define EXAMPLES(name, ...)                                                                        \
    START_TEST(name)                                                                               \
    {                                                                                              \
        static const struct example examples[] = {__VA_ARGS__};                                    \
        try_all(examples, LENGTH(examples));                                                       \
    }                                                                                              \
    END_TEST

// like
EXAMPLES(like_matches_stars_with_any_characters, {"\"eggs\" like \"ham*\"", 0},
         {"\"eggs\" like \"*ham\"", 0}, {"\"eggs\" like \"*ham*\"", 0},
         {"\"ham and eggs\" like \"ham*\"", 1}, {"\"ham and eggs\" like \"*ham\"", 0},
         {"\"ham and eggs\" like \"*ham*\"", 1}, {"\"ham and eggs\" like \"*h*a*m*\"", 1},
         {"\"eggs and ham\" like \"ham*\"", 0}, {"\"eggs and ham\" like \"*ham\"", 1},
         {"\"eggs, ham, and spinach\" like \"ham*\"", 0},
         {"\"eggs, ham, and spinach\" like \"*ham\"", 0},
         {"\"eggs, ham, and spinach\" like \"*ham*\"", 1}, {"\"Gotham\" like \"ham*\"", 0},
         {"\"Gotham\" like \"*ham\"", 1}, {"\"ham\" like \"ham\"", 1}, {"\"ham\" like \"ham*\"", 1},
         {"\"ham\" like \"*ham\"", 1}, {"\"ham\" like \"*h*a*m*\"", 1},
         {"\"ham and ham\" like \"ham*\"", 1}, {"\"ham and ham\" like \"*ham\"", 1},
         {"\"ham\" like \"*ham and eggs*\"", 0}, {"\"\\\\afterslash\" like \"\\\\*\"", 1},
         {"\"string\\\\with\\\\backslashes\" like \"string\\\\with\\\\backslashes\"", 1},
         {"\"string\\\\with\\\\backslashes\" like \"string*with*backslashes\"", 1},
         {"\"string*with*stars\" like \"string\\*with\\*stars\"", 1},
         {"\"string_with_stars\" like \"string\\*with\\*stars\"", 0}, {"\"\" like \"\"", 1},
         {"\"\" like \"***\"", 1}, {"\"a\" like \"\"", 0}, {"\"aaab\" like \"*a*ab\"", 1},
         {"\"\xc3\xa9t\xc3\xa9\" like \"*t\\u{e9}\"", 1}, {"5 like \"5\"", ERR(TYPE)},
         {"\"*\" like \"\\x2a\"", 1}, {"\"b\" like \"\\x2a\"", 1})

// == (equality), != (inequality)
EXAMPLES(equality_takes_values_of_any_type, {"1 == 1", 1}, {"5 == \"5\"", 0},
         {"\"something\" == \"something\"", 1}, {"\"Something\" == \"something\"", 0},
         {"[1, -33, 707] == [1, -33]", 0}, {"[1, 2, 40] == [1, 2, 40]", 1},
         {"[1, 2, 40] == [1, 40, 2]", 1}, {"[1, -2, 40] == [1, 40]", 0},
         {"[1, 1, 1, 2, 40] == [40, 1, 2]", 1},
         {"[1, 1, 2, 1, 40, 2, 1, 2, 40, 1] == [1, 40, 1, 2]", 1}, {"true == true", 1},
         {"User::\"no one\" == User::\"no one\"", 1}, {"User::\"alice\" == User::\"bob\"", 0},
         {"User::\"alice\" == Admin::\"alice\"", 0}, {"\"alice\" == User::\"alice\"", 0},
         {"{a: 1, \"b\": [2]} == {b: [2, 2], a: 1}", 1}, {"{a: 1} == {a: 1, b: 1}", 0},
         {"{a: 1} == {b: 1}", 0}, {"[] == {}", 0}, {"1 != 2", 1}, {"1 != \"1\"", 1},
         {"[1] != [1, 1]", 0}, {"principal == User::\"alice\"", 1}, {"context.set == [1, 1, 2]", 1},
         {"[context.n, {a: principal}] == [{a: principal}, 5]", 1},
         {"[[1, 2], [2, 1]] == [[2, 1]]", 1}, {"\"a\\0b\" == \"a\"", 0}, {"true == 1", 0})

// < <= > >=
EXAMPLES(order_is_of_integers_alone, {"3 < 303", 1}, {"principal.age < 22", 0},
         {"3 < \"3\"", ERR(TYPE)}, {"false < true", ERR(TYPE)}, {"\"some\" < \"thing\"", ERR(TYPE)},
         {"\"\" < \"\"", ERR(TYPE)}, {"[1, 2] < [47, 0]", ERR(TYPE)}, {"3 <= 303", 1},
         {"principal.age <= 30", 1}, {"3 <= \"3\"", ERR(TYPE)}, {"3 > 303", 0},
         {"principal.age > 22", 1}, {"3 >= 303", 0}, {"principal.age >= 30", 1}, {"3 >= 3", 1},
         {"3 > 3", 0}, {"-1 < 0", 1}, {"-9223372036854775808 < 9223372036854775807", 1},
         {"decimal(\"1.0\") < decimal(\"2.0\")", ERR(TYPE)})

// && || !
EXAMPLES(logic_stops_as_soon_as_the_answer_is_known, {"(false && 3) == 3", 0}, {"!(false && 3)", 1},
         {"true && 3", ERR(TYPE)}, {"3 && false", ERR(TYPE)}, {"true || 3", 1},
         {"false || 3", ERR(TYPE)}, {"3 || true", ERR(TYPE)}, {"(true || 3) == 3", 0},
         {"(true || 3 || true) == 3", 0}, {"!true", 0}, {"!false", 1}, {"!8", ERR(TYPE)},
         {"(if !true then \"hello\" else \"goodbye\") == \"goodbye\"", 1}, {"!!true", 1},
         {"!!!!true", 1}, {"false && principal.nothing", 0}, {"true || principal.nothing", 1},
         {"true && false || true", 1}, {"true || false && false", 1},
         {"if 1 then true else true", ERR(TYPE)}, {"if true then 1 == 1 else 1 + \"\" == 2", 1},
         {"principal has age && principal.age > 18", 1},
         {"resource has age && resource.age > 18", 0}, {"1", ERR(TYPE)})

// + - *
EXAMPLES(arithmetic_beyond_64_bits_is_an_error, {"11 + 0 == 11", 1}, {"-1 + 1 == 0", 1},
         {"9223372036854775807 + 1 == 0", ERR(OVERFLOW)},
         {"-9223372036854775808 - 1 + 3 == 0", ERR(OVERFLOW)}, {"7 + \"3\" == 10", ERR(TYPE)},
         {"\"lamp\" + \"la\" == \"\"", ERR(TYPE)}, {"44 - 31 == 13", 1}, {"5 - (-3) == 8", 1},
         {"5 - -3 == 8", 1}, {"10 * 20 == 200", 1}, {"context.n * 10 == 50", 1},
         {"context.n * context.n == 25", 1}, {"9223372036854775807 * 2 == 0", ERR(OVERFLOW)},
         {"5 * (-3) == -15", 1}, {"5 * 0 == 0", 1}, {"\"5\" * 0 == 0", ERR(TYPE)},
         {"4611686018427387904 * -2 == -9223372036854775808", 1},
         {"4611686018427387904 * 2 == 0", ERR(OVERFLOW)},
         {"-9223372036854775808 * -1 == 0", ERR(OVERFLOW)}, {"-9223372036854775808 * 1 < 0", 1},
         {"-(-9223372036854775808) == 0", ERR(OVERFLOW)},
         {"--9223372036854775808 == 0", ERR(OVERFLOW)}, {"----5 == 5", 1}, {"2 + 3 * 4 == 14", 1},
         {"2 - 3 - 4 == -5", 1}, {"(2 + 3) * 4 == 20", 1}, {"-context.n == -5", 1},
         {"-\"a\" == 1", ERR(TYPE)}, {"3037000500 * 3037000500 == 0", ERR(OVERFLOW)},
         {"3037000499 * 3037000499 == 9223372030926249001", 1})

// in
EXAMPLES(in_climbs_the_hierarchy, {"principal in User::\"alice\"", 1},
         {"principal in [User::\"alice\"]", 1}, {"principal in Group::\"friends\"", 1},
         {"principal in [Group::\"friends\"]", 1}, {"principal in Group::\"all\"", 1},
         {"User::\"bob\" in Group::\"all\"", 0},
         {"User::\"bob\" in [Group::\"all\", User::\"bob\"]", 1},
         {"User::\"alice\" in [User::\"bob\", Group::\"none\"]", 0},
         {"User::\"alice\" in [User::\"alice\", Group::\"all\", \"Team\"]", ERR(TYPE)},
         {"Stranger::\"jimmy\" in Stranger::\"jimmy\"", 1},
         {"Stranger::\"jimmy\" in Group::\"friends\"", 0},
         {"Stranger::\"jimmy\" in [Group::\"all\", Stranger::\"jimmy\"]", 1},
         {"\"some\" in [\"some\", \"thing\"]", ERR(TYPE)},
         {"\"os\" in {\"os\": \"Windows\"}", ERR(TYPE)}, {"principal in []", 0},
         {"principal in context.group", 1}, {"principal in [context.group]", 1},
         {"principal in \"x\"", ERR(TYPE)}, {"action in Action::\"read\"", 1},
         {"resource in Album::\"trip\"", 1}, {"Group::\"friends\" in principal", 0})

// is
EXAMPLES(is_asks_for_the_type, {"principal is User", 1}, {"principal is Group", 0},
         {"principal is User in Group::\"all\"", 1}, {"principal is Group in 5", 0},
         {"principal is User in 5", ERR(TYPE)}, {"resource is Photo in [Album::\"trip\"]", 1},
         {"resource is Photo in Album::\"home\"", 0}, {"5 is User", ERR(TYPE)},
         {"A::B::\"x\" is A::B", 1}, {"A::B::\"x\" is B", 0}, {"User::\"unknown\" is User", 1})

// has; attribute access
EXAMPLES(has_asks_before_an_attribute_is_read, {"context has \"s\" && context.s == \"text\"", 1},
         {"context has tag", 0}, {"context.set has admin", ERR(TYPE)},
         {"context.rec has country && context.rec.country == \"US\"", 0},
         {"context.nothing has country", ERR(NO_ATTRIBUTE)},
         {"context has nothing && context.nothing has country", 0}, {"principal has name", 1},
         {"User::\"unknown\" has name", 0}, {"User::\"unknown\".name == 1", ERR(NO_ENTITY)},
         {"User::\"bob\".name == 1", ERR(NO_ATTRIBUTE)}, {"context has rec.a.b", 1},
         {"context has rec.a.c", 0}, {"context has rec.x.b", 0}, {"context has n.b", ERR(TYPE)},
         {"context[\"rec\"][\"a\"].b == 1", 1}, {"\"a\" has b", ERR(TYPE)},
         {"(5).a == 1", ERR(TYPE)}, {"{a: 5}.a == 5", 1}, {"{\"a b\": 5}[\"a b\"] == 5", 1},
         {"{a: 5} has b", 0}, {"Album::\"trip\".owner == principal", 1},
         {"Album::\"trip\".owner.age == 30", 1}, {"Album::\"trip\" has owner.age", 1},
         {"Album::\"trip\" has owner.shoes", 0})

// contains, containsAll, containsAny, isEmpty
EXAMPLES(sets_know_their_members, {"[1,2,3].contains(1)", 1},
         {"[1,\"something\",2].contains(1)", 1}, {"[1,\"something\",2].contains(\"Something\")", 0},
         {"[\"some\", \"useful\", \"tags\"].contains(\"useful\")", 1}, {"[].contains(100)", 0},
         {"[User::\"alice\"].contains(principal)", 1},
         {"\"ham and ham\".contains(\"ham\")", ERR(TYPE)},
         {"[1, -22, 34].containsAll([-22, 1])", 1}, {"[1, -22, 34].containsAll([-22])", 1},
         {"[43, 34].containsAll([34, 43])", 1}, {"[1, -2, 34].containsAll([1, -22])", 0},
         {"[1, 34].containsAll([1, 101, 34])", 0},
         {"[false, 3, [47, 0], \"some\"].containsAll([3, \"some\"])", 1},
         {"[false, 3, [47, 0], {\"2\": \"ham\"}].containsAll([3, {\"2\": \"ham\"}])", 1},
         {"[2, 43].containsAll([])", 1}, {"[].containsAll([2, 43])", 0},
         {"[false, 3, [47, 0], \"thing\"].containsAll(\"thing\")", ERR(TYPE)},
         {"\"ham and eggs\".containsAll(\"ham\")", ERR(TYPE)},
         {"{\"2\": \"ham\", \"3\": \"eggs \"}.containsAll({\"2\": \"ham\"})", ERR(TYPE)},
         {"[1, -22, 34].containsAny([1, -22])", 1}, {"[1, -22].containsAny([1, -22, 34])", 1},
         {"[-22].containsAny([1, -22, 34])", 1}, {"[1, 101].containsAny([1, -22, 34])", 1},
         {"[1, 101].containsAny([-22, 34])", 0},
         {"[\"alice\",\"bob\",\"charlie\"].containsAny([\"david\",\"bob\",\"juan\"])", 1},
         {"[].containsAny([\"bob\"])", 0}, {"[\"bob\"].containsAny([])", 0},
         {"\"ham\".containsAny(\"ham and eggs\")", ERR(TYPE)}, {"[].isEmpty()", 1},
         {"[1].isEmpty()", 0}, {"context.set.isEmpty()", 0}, {"\"\".isEmpty()", ERR(TYPE)},
         {"context.set.contains(context.n - 4)", 1}, {"[context.n, context.n].contains(5)", 1})

// hasTag, getTag
EXAMPLES(tags_are_read_by_computed_names, {"principal.hasTag(\"level\")", 1},
         {"principal.hasTag(\"none\")", 0}, {"principal.getTag(\"level\") == 3", 1},
         {"principal.getTag(if true then \"two words\" else \"\") == \"x\"", 1},
         {"principal.getTag(\"none\") == 3", ERR(NO_TAG)},
         {"User::\"unknown\".hasTag(\"level\")", 0},
         {"User::\"unknown\".getTag(\"level\") == 3", ERR(NO_ENTITY)},
         {"principal.hasTag(5)", ERR(TYPE)}, {"context.hasTag(\"a\")", ERR(TYPE)})

// decimal
EXAMPLES(decimals_have_four_digits, {"decimal(\"1.0\") == decimal(\"1.0000\")", 1},
         {"decimal(\"-1.0\") == decimal(\"1.0\")", 0},
         {"decimal(\"-0.5\").lessThan(decimal(\"0.0\"))", 1},
         {"decimal(\"00.000\") == decimal(\"0.0\")", 1}, {"decimal(\"1234\") == 1", ERR(EXTENSION)},
         {"decimal(\"1.0.\") == 1", ERR(EXTENSION)}, {"decimal(\"1.\") == 1", ERR(EXTENSION)},
         {"decimal(\".1\") == 1", ERR(EXTENSION)}, {"decimal(\"1.a\") == 1", ERR(EXTENSION)},
         {"decimal(\"-.\") == 1", ERR(EXTENSION)},
         {"decimal(\"1000000000000000.0\") == 1", ERR(EXTENSION)},
         {"decimal(\"922337203685477.5807\") == 1", 0},
         {"decimal(\"922337203685477.5808\") == 1", ERR(EXTENSION)},
         {"decimal(\"-922337203685477.5808\") == 1", 0},
         {"decimal(\"-922337203685477.5809\") == 1", ERR(EXTENSION)},
         {"decimal(\"0.12345\") == 1", ERR(EXTENSION)},
         {"decimal(\"0.00000\") == 1", ERR(EXTENSION)},
         {"decimal(\"1.23\").lessThan(decimal(\"1.24\"))", 1},
         {"decimal(\"1.23\").lessThan(decimal(\"1.23\"))", 0},
         {"decimal(\"123.45\").lessThan(decimal(\"1.23\"))", 0},
         {"decimal(\"-1.23\").lessThan(decimal(\"-1.24\"))", 0},
         {"decimal(\"1.23\").lessThanOrEqual(decimal(\"1.23\"))", 1},
         {"decimal(\"123.45\").greaterThan(decimal(\"1.23\"))", 1},
         {"decimal(\"1.23\").greaterThan(decimal(\"1.23\"))", 0},
         {"decimal(\"1.23\").greaterThanOrEqual(decimal(\"1.23\"))", 1},
         {"decimal(5) == 1", ERR(TYPE)}, {"decimal(\"1.0\").lessThan(1)", ERR(TYPE)},
         {"(1).lessThan(decimal(\"1.0\"))", ERR(TYPE)}, {"decimal(\"1.0\") == \"1.0\"", 0},
         {"decimal(\"+1.0\") == 1", ERR(EXTENSION)})

// ip
EXAMPLES(addresses_know_their_range, {"ip(\"127.0.0.1\") == ip(\"127.0.0.1\")", 1},
         {"ip(\"380.0.0.1\") == 1", ERR(EXTENSION)}, {"ip(\"ab.ab.ab.ab\") == 1", ERR(EXTENSION)},
         {"ip(\"127.0.0.1/8/24\") == 1", ERR(EXTENSION)},
         {"ip(\"fee::/64::1\") == 1", ERR(EXTENSION)}, {"ip(\"fzz::1\") == 1", ERR(EXTENSION)},
         {"ip([127,0,0,1]) == 1", ERR(TYPE)}, {"ip(\"192.168.0.1\") == ip(\"8.8.8.8\")", 0},
         {"ip(\"192.168.0.1/24\") == ip(\"8.8.8.8/8\")", 0},
         {"ip(\"127.0.0.1\") == ip(\"::1\")", 0}, {"ip(\"127.0.0.1\") == \"127.0.0.1\"", 0},
         {"ip(\"::1\") == 1", 0}, {"ip(\"127.0.0.1\") == ip(\"192.168.0.1/24\")", 0},
         {"ip(\"127.0.0.1\") < ip(\"10.0.0.10\")", ERR(TYPE)}, {"ip(\"127.0.0.1\").isIpv4()", 1},
         {"ip(\"::1\").isIpv4()", 0}, {"ip(\"127.0.0.1/24\").isIpv4()", 1},
         {"ip(\"127.0.0.1/24\").isIpv6()", 0}, {"ip(\"ffee::/64\").isIpv6()", 1},
         {"ip(\"::1\").isIpv6()", 1}, {"ip(\"127.0.0.2\").isLoopback()", 1},
         {"ip(\"::1\").isLoopback()", 1}, {"ip(\"::2\").isLoopback()", 0},
         {"ip(\"127.0.0.1/7\").isLoopback()", 0}, {"ip(\"127.0.0.1\").isMulticast()", 0},
         {"ip(\"ff00::2\").isMulticast()", 1}, {"ip(\"239.1.2.3\").isMulticast()", 1},
         {"ip(\"192.168.0.1\").isInRange(ip(\"192.168.0.1/24\"))", 1},
         {"ip(\"192.168.0.1\").isInRange(ip(\"192.168.0.1/28\"))", 1},
         {"ip(\"192.168.0.75\").isInRange(ip(\"192.168.0.1/24\"))", 1},
         {"ip(\"192.168.0.75\").isInRange(ip(\"192.168.0.1/28\"))", 0},
         {"ip(\"192.168.0.1\").isInRange(ip(\"1:2:3:4::\"))", 0},
         {"ip(\"1:2:3:4::\").isInRange(ip(\"1:2:3:4::/48\"))", 1},
         {"ip(\"1:2:3:4::/48\").isInRange(ip(\"1:2:3:4::\"))", 0},
         {"ip(\"1:2:3:4:5:6:7:8\") == ip(\"1:2:3:4:5:6:7:8/128\")", 1},
         {"ip(\"1::8\") == ip(\"1:0:0:0:0:0:0:8\")", 1}, {"ip(\"1::7:8\") == ip(\"1::7:0:8\")", 0},
         {"ip(\"1:2:3:4:5:6:7::\") == ip(\"1:2:3:4:5:6:7:0\")", 1},
         {"ip(\"1:2:3:4:5:6:7:8::\") == 1", ERR(EXTENSION)}, {"ip(\"1:2:3\") == 1", ERR(EXTENSION)},
         {"ip(\"::1::\") == 1", ERR(EXTENSION)}, {"ip(\":::\") == 1", ERR(EXTENSION)},
         {"ip(\"01.0.0.1\") == 1", ERR(EXTENSION)}, {"ip(\"1.0.0.1/33\") == 1", ERR(EXTENSION)},
         {"ip(\"1.0.0.1/08\") == 1", ERR(EXTENSION)}, {"ip(\"::/129\") == 1", ERR(EXTENSION)},
         {"ip(\"::ffff:1.2.3.4\") == 1", ERR(EXTENSION)}, {"ip(\"\") == 1", ERR(EXTENSION)},
         {"ip(\"1.2.3.4\").isInRange(ip(\"0.0.0.0/0\"))", 1},
         {"ip(\"::5\").isInRange(ip(\"ff::/0\"))", 1},
         {"context.ip.isInRange(ip(\"10.0.0.0/8\"))", 1},
         {"ip(if true then \"10.0.0.1\" else \"\") == context.ip", 1},
         {"[ip(if true then \"10.0.0.1\" else \"\")].contains(context.ip)", 1})

// datetime, duration (Cedar/Spec/Ext/Datetime.lean)
EXAMPLES(
    instants_and_durations_count_milliseconds,
    {"datetime(\"1970-01-01\").offset(duration(\"1ms\")) == datetime(\"1970-01-01T00:00:00.001Z\")",
     1},
    {"datetime(\"2024-10-15\") == datetime(\"2024-10-15T00:00:00Z\")", 1},
    {"datetime(\"2024-10-15T11:35:00Z\") < datetime(\"2024-10-15T11:35:00.001Z\")", 1},
    {"datetime(\"2024-10-15T11:35:00.000+0100\") == datetime(\"2024-10-15T10:35:00Z\")", 1},
    {"datetime(\"2024-10-15T11:35:00-0530\") == datetime(\"2024-10-15T17:05:00Z\")", 1},
    {"datetime(\"2024-02-29\") == 1", 0}, {"datetime(\"2023-02-29\") == 1", ERR(EXTENSION)},
    {"datetime(\"2024-10-15T24:00:00Z\") == 1", ERR(EXTENSION)},
    {"datetime(\"2024-10-15T11:35:60Z\") == 1", ERR(EXTENSION)},
    {"datetime(\"2024-10-15T11:35:00\") == 1", ERR(EXTENSION)},
    {"datetime(\"2024-1-1\") == 1", ERR(EXTENSION)},
    {"datetime(\"2024-10-15T11:35:00+2400\") == 1", ERR(EXTENSION)},
    {"datetime(\"2024-10-15\").durationSince(datetime(\"2024-10-14\")) == duration(\"1d\")", 1},
    {"datetime(\"1970-01-01\").durationSince(datetime(\"0001-01-01\")).toDays() == 719162", 1},
    {"datetime(\"2000-03-01\").durationSince(datetime(\"1970-01-01\")).toSeconds() == 951868800",
     1},
    {"datetime(\"1900-03-01\").durationSince(datetime(\"1970-01-01\")).toSeconds() == -2203891200",
     1},
    {"datetime(\"1969-12-31T23:00:00Z\").toDate() == datetime(\"1969-12-31\")", 1},
    {"datetime(\"1969-12-31T23:00:00Z\").toTime() == duration(\"23h\")", 1},
    {"duration(\"1d2h3m4s5ms\").toMilliseconds() == 93784005", 1},
    {"duration(\"-1d2h3m4s5ms\").toSeconds() == -93784", 1},
    {"duration(\"90m\").toHours() == 1", 1}, {"duration(\"90m\") == duration(\"1h30m\")", 1},
    {"duration(\"1h1d\") == 1", ERR(EXTENSION)}, {"duration(\"1\") == 1", ERR(EXTENSION)},
    {"duration(\"\") == 1", ERR(EXTENSION)}, {"duration(\"-\") == 1", ERR(EXTENSION)},
    {"duration(\"1h1h\") == 1", ERR(EXTENSION)}, {"duration(\"d\") == 1", ERR(EXTENSION)},
    {"duration(\"9223372036854775807ms\") == 1", 0},
    {"duration(\"9223372036854775808ms\") == 1", ERR(EXTENSION)},
    {"duration(\"-9223372036854775808ms\") == 1", 0}, {"duration(\"1s\") < duration(\"1m\")", 1},
    {"duration(\"1s\") < 5", ERR(TYPE)}, {"duration(\"1s\") < datetime(\"2024-10-15\")", ERR(TYPE)},
    {"datetime(\"2024-10-15\").offset(duration(\"9223372036854775807ms\")) == 1", ERR(EXTENSION)})

// Strings: Cedar's escapes are Rust's.
EXAMPLES(strings_spell_any_character, {"\"\\x41\" == \"A\"", 1},
         {"\"\\u{1F600}\" == \"\xf0\x9f\x98\x80\"", 1}, {"\"\\u{e9}\" == \"\xc3\xa9\"", 1},
         {"\"\\n\\r\\t\\\\\\'\\\"\" like \"*\\n*\\\"\"", 1}, {"\"\\u{00_41}\" == \"A\"", 1},
         {"\"a\nb\" == \"a\\nb\"", 1}, {"User::\"\\x61lice\" == principal", 1})

int main(void)
{
    const TTest *const tests[] = {like_matches_stars_with_any_characters,
                                  equality_takes_values_of_any_type,
                                  order_is_of_integers_alone,
                                  logic_stops_as_soon_as_the_answer_is_known,
                                  arithmetic_beyond_64_bits_is_an_error,
                                  in_climbs_the_hierarchy,
                                  is_asks_for_the_type,
                                  has_asks_before_an_attribute_is_read,
                                  sets_know_their_members,
                                  tags_are_read_by_computed_names,
                                  decimals_have_four_digits,
                                  addresses_know_their_range,
                                  instants_and_durations_count_milliseconds,
                                  strings_spell_any_character};
    return run_tests("rule_operators", tests, LENGTH(tests));
}
