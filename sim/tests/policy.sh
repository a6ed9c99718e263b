#!/bin/sh
# aurora policy from end to end: what it prints, what it refuses, and what Cedar's integration
# tests expect.
# shellcheck disable=SC2016 # backquotes are quotes of messages
# shellcheck source=sim/tests/claims.sh
. "$(dirname "$0")/claims.sh"

put() {
    file=$1
    shift
    printf '%s\n' "$@" >"$file"
}

refuses() {
    sentence=$1 pattern=$2
    shift 2
    try "$@"
    [ $status -eq 2 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] && grep -q "^aurora: " err &&
        grep -q -- "$pattern" err
    claim "$sentence" $?
}

# --- Cedar's integration tests ---

for batch in "$source"/sim/tests/cedar/*_*.json; do
    case $batch in
    */sandbox_*) continue ;;
    esac
    try policy eval --batch "$batch"
    [ $status -eq 0 ] && grep -q '^[1-9][0-9]* requests, 0 not as expected$' out
    claim "$(basename "$batch" .json) decides as Cedar does" $?
done

cp "$source"/sim/tests/cedar/multi_4.cedar "$source"/sim/tests/cedar/sandbox_b.json .
sed 's/\["policy2", "policy3"\]/["policy2"]/; s|cedar/sandbox|sandbox|' \
    "$source/sim/tests/cedar/multi_4.json" >wrong.json
try policy eval --batch wrong.json
[ $status -eq 1 ] && grep -q '^wrong.json:5: .*policy2, policy3 (not as expected)' out &&
    grep -q '^3 requests, 1 not as expected$' out
claim "a decision that is not as expected is named with its line, and the exit status is 1" $?
try policy eval --batch wrong.json --json
[ $status -eq 1 ] && [ "$(cat out)" = '{"requests": 3, "mismatches": 1}' ]
claim "--json counts a batch" $?

# --- check ---

put good.cedar '@id("family") @note("a \"b\"")' \
    'permit(principal in Group::"family", action, resource);' \
    'forbid(principal, action, resource) when { context.late };' \
    'permit(principal is Guest, action, resource) when { principal.age > 17 };'
try policy check good.cedar
put wanted 'good.cedar:1: family permit @id("family") @note("a \"b\"")' \
    'good.cedar:3: policy1 forbid' 'good.cedar:4: policy2 permit'
[ $status -eq 0 ] && cmp -s out wanted
claim "check prints a line for each policy" $?
try policy check --json good.cedar
[ $status -eq 0 ] && grep -q '"id": "family", "effect": "permit"' out
claim "check --json prints them as objects" $?
put bad.cedar 'permit(principal, action, resource)' 'when { principal.age > };'
refuses "a syntax error is named with line and column" \
    '^aurora: bad.cedar:2:24: expected an expression, found `}`$' policy check bad.cedar
put twice.cedar '@id("a") permit(principal, action, resource);' \
    '@id("a") forbid(principal, action, resource);'
refuses "two policies with one id are refused" 'twice.cedar:2:1: a second policy' \
    policy check twice.cedar
refuses "a template is refused" 'templates are not supported' policy check /dev/stdin <<'END'
permit(principal == ?principal, action, resource);
END
refuses "a file that is not there is refused" 'none.cedar' policy check none.cedar
refuses "check without a file says so" 'name a file' policy check
refuses "an unknown verb is refused" 'policy check' policy prove

# --- eval ---

put entities.json '[{"uid": {"type": "User", "id": "ann"}, "attrs": {"age": 30,' \
    '  "friend": {"__entity": {"type": "User", "id": "bob"}},' \
    '  "home": {"__extn": {"fn": "ip", "arg": "10.0.0.1"}}},' \
    '  "parents": [{"__entity": {"type": "Group", "id": "family"}}], "tags": {"k": "v"}}]'
put request.json '{"principal": "User::\"ann\"", "action": {"type": "Action", "id": "open"},' \
    '"resource": {"__entity": {"type": "Door", "id": "front"}}, "context": {"late": false}}'
try policy eval --policies good.cedar --entities entities.json --request request.json
put wanted 'ALLOW' 'permitted by: family good.cedar'
[ $status -eq 0 ] && cmp -s out wanted
claim "eval says ALLOW and by which policy" $?
sed 's/false/true/' request.json >late.json
try policy eval --policies good.cedar --entities entities.json --request late.json --json
put wanted '{"decision": "Deny", "diagnostics": {"reason": ["policy1"], "errors": []}}'
[ $status -eq 0 ] && cmp -s out wanted
claim "eval --json answers in Cedar's form" $?
put early.json '{"principal": "Guest::\"g\"", "action": "Action::\"open\"", "resource":' \
    '"Door::\"front\"", "context": {}}'
try policy eval --policies good.cedar --request early.json
grep -q '^DENY$' out && grep -q '^no policy permits it$' out &&
    grep -q '^skipped: policy1 good.cedar:3:52: no such attribute `late`: ask with `has` first$' out &&
    grep -q '^skipped: policy2 good.cedar:4:63: no such entity$' out
claim "a policy that errs is skipped and named with its place" $?
put all.cedar 'permit(principal, action, resource) when {' \
    'principal.friend == User::"bob" && principal.home.isLoopback() == false &&' \
    'principal.getTag("k") == "v" };'
try policy eval --policies all.cedar --entities entities.json --request request.json
[ "$(head -1 out)" = ALLOW ]
claim "__entity, __extn and tags are read" $?
put typed.json '[{"uid": {"type": "User", "id": "ann"}, "attrs": {"friend": {"type": "User", "id": "bob"}},' \
    '"parents": []}]'
put friend.cedar 'permit(principal, action, resource) when { principal.friend == User::"bob" };'
try policy eval --policies friend.cedar --entities typed.json --request request.json
one=$(head -1 out)
try policy eval --policies friend.cedar --entities typed.json --request request.json --implicit
[ "$one" = DENY ] && [ "$(head -1 out)" = ALLOW ]
claim "an entity without __entity is a record, but for --implicit" $?

put zero.json '[{"uid": {"type": "User", "id": "a\u0000b"}, "attrs": {"k\u0000": "\u0000", "t":' \
    '{"__extn": {"fn": "offset", "args": [{"__extn": {"fn": "datetime", "arg": "1970-01-01"}},' \
    '{"__extn": {"fn": "duration", "arg": "5ms"}}]}}}}]'
put zero.cedar 'permit(principal, action, resource) when {' \
    'User::"a\0b"["k\u{0}"] == "\x00" &&' \
    'User::"a\0b".t == datetime("1970-01-01T00:00:00.005Z") };'
try policy eval --policies zero.cedar --entities zero.json --request request.json
[ "$(head -1 out)" = ALLOW ]
claim "a text may hold a zero, and an instant may be an offset" $?

# --- what is refused of JSON ---

refuse_entities() {
    sentence=$1 pattern=$2
    shift 2
    put broken.json "$@"
    refuses "$sentence" "broken.json.*$pattern" policy eval --policies good.cedar \
        --entities broken.json --request request.json
}
refuse_entities "a fraction is refused" ':2: Cedar has integers only' \
    '[{"uid": {"type": "A", "id": "a"},' '"attrs": {"x": 1.5}}]'
refuse_entities "a number beyond 64 bits is refused" '64 bits' \
    '[{"uid": {"type": "A", "id": "a"}, "attrs": {"x": 9223372036854775808}}]'
refuse_entities "null is refused" 'null is no value' \
    '[{"uid": {"type": "A", "id": "a"}, "attrs": {"x": null}}]'
refuse_entities "an entity given twice is refused" 'twice' \
    '[{"uid": {"type": "A", "id": "a"}}, {"uid": {"type": "A", "id": "a"}}]'
refuse_entities "a circle of parents is refused" 'own ancestor' \
    '[{"uid": {"type": "A", "id": "a"}, "parents": [{"type": "A", "id": "b"}]},' \
    '{"uid": {"type": "A", "id": "b"}, "parents": [{"type": "A", "id": "a"}]}]'
refuse_entities "an unknown key is refused with the one that is near" 'did you mean "parents"' \
    '[{"uid": {"type": "A", "id": "a"}, "parent": []}]'
refuse_entities "a repeated attribute is refused" 'a key twice' \
    '[{"uid": {"type": "A", "id": "a"}, "attrs": {"x": 1, "x": 2}}]'
refuse_entities "an unreadable address is refused" 'is no value' \
    '[{"uid": {"type": "A", "id": "a"}, "attrs": {"x": {"__extn": {"fn": "ip", "arg": "1.2"}}}}]'
refuse_entities "a type that is no name is refused" 'is a name' \
    '[{"uid": {"type": "A b", "id": "a"}}]'
put broken.json '{"principal": "User::ann", "action": "Action::\"a\"", "resource": "R::\"r\""}'
refuses "an entity that cannot be read is refused" 'in quotes' policy eval --policies good.cedar \
    --request broken.json
refuses "eval without a request says so" 'name a file with --request' policy eval \
    --policies good.cedar

# --- the examples ---

for policies in "$source"/experiments/policies/*.cedar; do
    name=$(basename "$policies" .cedar)
    try policy eval --batch "${policies%.cedar}-cases.json"
    [ $status -eq 0 ]
    claim "the example $name decides as it says" $?
done

close
