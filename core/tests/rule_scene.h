// A small world to ask policies about: who is in it stands in rule_scene.c.
#ifndef AURORA_CORE_TESTS_RULE_SCENE_H
#define AURORA_CORE_TESTS_RULE_SCENE_H

#include <aurora/rule.h>

#define RULE_SCENE_ROOM (1u << 20)

struct rule_scene {
    _Alignas(64) unsigned char set[RULE_SCENE_ROOM], store[RULE_SCENE_ROOM], work[RULE_SCENE_ROOM];
    _Alignas(64) unsigned char request[65536], cache[65536];
    struct aur_rule_refusal refusal;
    struct aur_rule_result result;
    uint32_t reason[256];
    struct aur_rule_error error[256];
};

extern struct rule_scene scene_of_rules;

const struct aur_rule_set *rule_set(void);
const struct aur_rule_store *rule_store(void);

// Compiles; the answer is in scene_of_rules.
enum aur_rule_status rule_compile(const char *text);

// The entities: User::"alice" (age 30, name "Alice", in Group::"friends", which is in Group::"all";
// tags level 3, "two words" "x"), User::"bob" (no attributes, no parents), Album::"trip" (owner
// User::"alice"), Photo::"sun" (in Album::"trip"), Action::"view" (in Action::"read").
void rule_world(void);

// A request; context {n: 5, s: "text", b: true, set: [1, 2], rec: {a: {b: 1}}, ip: ip("10.0.0.1"),
// group: Group::"friends"}, or an empty one.
void rule_request(const char *principal, const char *action, const char *resource, bool empty);

// Decides what was asked last, without a cache.
enum aur_rule_decision rule_decide(void);

// What an expression is worth: 1 true, 0 false, or minus the error's kind. Aborts the test if the
// policy does not compile.
int rule_worth(const char *expression);

#endif
