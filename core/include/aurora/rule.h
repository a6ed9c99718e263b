// Policy rules with the syntax and semantics of Cedar (docs.cedarpolicy.com, "Policies"; the formal
// semantics are the Lean model cedar-spec, Cedar/Spec). Text is compiled once; a decision then
// needs no allocation and a bounded number of steps, and is the same on every host.
//
//     set = what aur_rule_compile() has made of a text           the policies
//     store = aur_rule_store_begin(), .._add().., .._finish()    the entities and their hierarchy
//     request = aur_rule_request_begin(), .._finish()            who asks to do what to what
//     aur_rule_evaluate(set, store, request, cache, work, &result)
//
// Sets, stores, requests and caches are blocks of memory that the caller hands over, aligned to 8
// bytes, with offsets and no pointers: they may be copied, saved and opened on another host. They
// are trusted: only what this code has made may be evaluated. docs/policy.md says what is left out.
#ifndef AURORA_RULE_H
#define AURORA_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUR_RULE_NESTING  64u          // brackets and operators open at once in a policy's text
#define AUR_RULE_DEPTH    32u          // sets and records inside each other in a value
#define AUR_RULE_STACK    256u         // values that an expression may have pending
#define AUR_RULE_CODE     32768u       // instructions of a policy
#define AUR_RULE_BYTES    (256u << 20) // of a block
#define AUR_RULE_STEPS    (1u << 20)   // steps of a decision, unless the caller says otherwise
#define AUR_RULE_TEXT     200u         // bytes of a sentence, with the zero at its end
#define AUR_RULE_CACHE_AT 64u          // a cache is aligned to this

// What compiling and building answer.
#define AUR_RULE_STATUS_TABLE(X)                                                                   \
    X(OK, "done")                                                                                  \
    X(SYNTAX, "the text is not a policy")                                                          \
    X(NO_ROOM, "the block is full: hand over a larger one")                                        \
    X(TOO_DEEP, "sets and records are nested too deeply")                                          \
    X(REPEATED_KEY, "a record has the same key twice")                                             \
    X(REPEATED_ENTITY, "an entity is given twice")                                                 \
    X(CYCLE, "an entity is its own ancestor")                                                      \
    X(BAD_EXTENSION, "the extension value cannot be read")                                         \
    X(BAD_VALUE, "a value is not of the kind that is needed here")                                 \
    X(OVER_BUDGET, "the decision takes more steps than its budget: it is denied")

enum aur_rule_status {
#define X(name, text) AUR_RULE_##name,
    AUR_RULE_STATUS_TABLE(X)
#undef X
    AUR_RULE_STATUS_COUNT
};

// Why a policy is skipped in a decision (Cedar/Spec/Evaluator.lean, the type Error).
#define AUR_RULE_ERROR_TABLE(X)                                                                    \
    X(NONE, "no error")                                                                            \
    X(TYPE, "type error")                                                                          \
    X(NO_ATTRIBUTE, "no such attribute")                                                           \
    X(NO_TAG, "no such tag")                                                                       \
    X(NO_ENTITY, "no such entity")                                                                 \
    X(OVERFLOW, "integer overflow")                                                                \
    X(EXTENSION, "the extension function refuses its argument")                                    \
    X(DEPTH, "sets and records are nested too deeply")

enum aur_rule_error_kind {
#define X(name, text) AUR_RULE_ERROR_##name,
    AUR_RULE_ERROR_TABLE(X)
#undef X
    AUR_RULE_ERROR_COUNT
};

enum aur_rule_kind {
    AUR_RULE_BOOL,
    AUR_RULE_LONG,
    AUR_RULE_STRING,
    AUR_RULE_ENTITY,
    AUR_RULE_SET,
    AUR_RULE_RECORD,
    AUR_RULE_DECIMAL,
    AUR_RULE_IP,
    AUR_RULE_DATETIME,
    AUR_RULE_DURATION,
    AUR_RULE_KIND_COUNT
};

// A value. What does not fit into `data` stands in the block that `block` names.
struct aur_rule_value {
    uint8_t kind;   // enum aur_rule_kind
    uint8_t block;  // 0 set, 1 store, 2 request, 3 the work of a decision
    uint16_t depth; // of sets and records: 1 + that of the deepest member
    uint32_t size;  // bytes of a string, members of a set or record
    uint64_t data;  // the number, or the offset with a hash above it
};

struct aur_rule_set;
struct aur_rule_store;
struct aur_rule_request;
struct aur_rule_cache;

// --- policies ------------------------------------------------------------------------------------

// Where a text is refused, and why with the mend.
struct aur_rule_refusal {
    uint32_t line, column; // from 1, in characters
    char text[AUR_RULE_TEXT];
};

// Compiles `length` bytes of text into `block` of `size` bytes. About 40 bytes for each byte of
// text suffice; NO_ROOM says if not. On OK the set is at `block` and aur_rule_set_bytes() long.
// Errors: SYNTAX, with the refusal; NO_ROOM.
enum aur_rule_status aur_rule_compile(void *block, size_t size, const char *text, size_t length,
                                      struct aur_rule_refusal *refusal);

uint32_t aur_rule_set_bytes(const struct aur_rule_set *set);
uint32_t aur_rule_set_count(const struct aur_rule_set *set); // policies

// A text in a block; not ended by a zero, may hold one.
struct aur_rule_string {
    const char *bytes;
    uint32_t size;
};

struct aur_rule_policy_info {
    bool permit;
    bool reads_context;
    uint32_t line, column; // of its first word
    uint32_t annotations;
    struct aur_rule_string id; // of the annotation @id; bytes NULL: it has none
};

// Of policy number `policy`, in the order of the text.
void aur_rule_policy(const struct aur_rule_set *set, uint32_t policy,
                     struct aur_rule_policy_info *info);
void aur_rule_annotation(const struct aur_rule_set *set, uint32_t policy, uint32_t annotation,
                         struct aur_rule_string *key, struct aur_rule_string *value);

// --- values --------------------------------------------------------------------------------------

// Builds a store or a request, values first. The first error stays in `status`, and whatever is
// asked for after it is ignored; so a reader need check only in the end.
struct aur_rule_builder {
    unsigned char *block;
    uint32_t size, used; // bytes
    uint32_t status;     // enum aur_rule_status
    uint8_t number;      // of the block, as in aur_rule_value
};

struct aur_rule_value aur_rule_bool(bool truth);
struct aur_rule_value aur_rule_long(int64_t number);
struct aur_rule_value aur_rule_make_string(struct aur_rule_builder *builder, const char *bytes,
                                           uint32_t size);
struct aur_rule_value aur_rule_entity(struct aur_rule_builder *builder, const char *type,
                                      uint32_t type_size, const char *id, uint32_t id_size);
// Reads `Type::"id"` as it stands in a policy. False, with the refusal: it is none. NO_ROOM is in
// the builder's status.
bool aur_rule_read_entity(struct aur_rule_builder *builder, const char *text, size_t size,
                          struct aur_rule_value *entity, struct aur_rule_refusal *refusal);
// Members are copied; a set drops those that are equal.
struct aur_rule_value aur_rule_make_set(struct aur_rule_builder *builder,
                                        const struct aur_rule_value *members, uint32_t count);
// `pairs` are key, value, key, value..; keys are strings. Errors: REPEATED_KEY.
struct aur_rule_value aur_rule_make_record(struct aur_rule_builder *builder,
                                           const struct aur_rule_value *pairs, uint32_t count);
// What the constructor `function` ("ip", "decimal", "datetime", "duration") makes of a string.
// Errors: BAD_EXTENSION.
struct aur_rule_value aur_rule_extension(struct aur_rule_builder *builder, const char *function,
                                         uint32_t function_size, const char *argument,
                                         uint32_t argument_size);

// --- entities ------------------------------------------------------------------------------------

// Begins a store in `block`.
void aur_rule_store_begin(struct aur_rule_builder *builder, void *block, size_t size);

// An entity: its name, attributes and tags (records), and names of parents, which need not be
// entities of the store. Errors: BAD_VALUE, REPEATED_ENTITY, NO_ROOM.
void aur_rule_store_add(struct aur_rule_builder *builder, struct aur_rule_value name,
                        struct aur_rule_value attributes, struct aur_rule_value tags,
                        const struct aur_rule_value *parents, uint32_t count);

// Computes everyone's ancestors. Errors: CYCLE, NO_ROOM; `culprit` (may be NULL) then names the
// entity, valid while `block` is.
enum aur_rule_status aur_rule_store_finish(struct aur_rule_builder *builder,
                                           struct aur_rule_value *culprit);
uint32_t aur_rule_store_bytes(const struct aur_rule_store *store);
uint32_t aur_rule_store_count(const struct aur_rule_store *store);

// --- requests ------------------------------------------------------------------------------------

void aur_rule_request_begin(struct aur_rule_builder *builder, void *block, size_t size);
// Three entities and a record. Errors: BAD_VALUE, NO_ROOM.
enum aur_rule_status aur_rule_request_finish(struct aur_rule_builder *builder,
                                             struct aur_rule_value principal,
                                             struct aur_rule_value action,
                                             struct aur_rule_value resource,
                                             struct aur_rule_value context);
uint32_t aur_rule_request_bytes(const struct aur_rule_request *request);

// --- decisions -----------------------------------------------------------------------------------

enum aur_rule_decision {
    AUR_RULE_DENY,
    AUR_RULE_ALLOW
};

struct aur_rule_error {
    uint32_t policy;
    uint16_t kind;         // enum aur_rule_error_kind
    uint8_t wanted, found; // TYPE: enum aur_rule_kind, AUR_RULE_KIND_COUNT for "several"
    uint32_t line, column; // of the operator in the policy's text
    uint32_t name;         // NO_ATTRIBUTE, NO_TAG: offset of the name in the set, 0 if unknown
};

// Room for what a decision says. Counts are of all; what does not fit is counted and not written.
struct aur_rule_result {
    uint32_t status;   // OK, or NO_ROOM (work) or OVER_BUDGET: then it is a DENY without reasons
    uint32_t decision; // enum aur_rule_decision
    uint32_t reasons, errors;
    uint32_t reason_room, error_room; // of the two arrays, set by the caller
    uint32_t *reason;                 // the determining policies, rising
    struct aur_rule_error *error;     // the policies skipped, rising
    uint32_t steps;                   // taken; 0 if the cache knew
    bool cached;                      // the cache knew
};

// Memory for evaluating: pending values, and sets and records that a policy makes on its way.
// Clobbered by each decision. 32 KiB suffice for most sets.
struct aur_rule_work {
    void *block; // aligned to 8 bytes
    uint32_t size;
    uint32_t budget; // steps, 0 for AUR_RULE_STEPS
};

// Decides: a matching forbid denies, else a matching permit allows, else it is denied. A policy
// that errs is skipped and reported (Cedar/Spec/Authorizer.lean). `cache` may be NULL; with and
// without, the result is the same but for `steps` and `cached`.
void aur_rule_evaluate(const struct aur_rule_set *set, const struct aur_rule_store *store,
                       const struct aur_rule_request *request, struct aur_rule_cache *cache,
                       const struct aur_rule_work *work, struct aur_rule_result *result);

// A cache of decisions in `block` of `size` bytes, aligned to AUR_RULE_CACHE_AT. It knows a
// decision again by the names of principal, action and resource and, where a policy has looked at
// it, the context, byte by byte, and by the digests of set and store: with others it begins anew.
// NULL: the block is smaller than 4 KiB.
struct aur_rule_cache *aur_rule_cache_begin(void *block, size_t size);

// --- words ---------------------------------------------------------------------------------------

const char *aur_rule_status_text(uint32_t status);
const char *aur_rule_error_kind_text(uint32_t kind);
const char *aur_rule_kind_text(uint32_t kind);
// The sentence of an error, without place: "no attribute `age`: ask `has` first". Returns `text`.
const char *aur_rule_error_text(const struct aur_rule_set *set, const struct aur_rule_error *error,
                                char *text, size_t room);
// The type and id of an entity that stands in `block`, a store or a request.
void aur_rule_name(const void *block, struct aur_rule_value entity, struct aur_rule_string *type,
                   struct aur_rule_string *id);
// The set's policies as one number: other policies, another digest (but for chance).
uint64_t aur_rule_set_digest(const struct aur_rule_set *set);

#endif
