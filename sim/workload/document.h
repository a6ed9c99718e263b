// A parsed text: the tree that experiment files (YAML) and workloads (rt-app JSON) both become,
// so that one loader serves every reader. Keeps the order and the repetition of keys, and the
// line of each node.
#ifndef AURORA_SIM_DOCUMENT_H
#define AURORA_SIM_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <aurora/limits.h>

#include "engine/failure.h"

// What a file may at most be: far above any experiment, far below what would stop the machine.
#define AUR_DOCUMENT_BYTES (16u << 20)
#define AUR_DOCUMENT_NODES (1u << 20)
#define AUR_DOCUMENT_DEPTH 64u

enum aur_node_kind {
    AUR_NODE_NULL,
    AUR_NODE_BOOL,
    AUR_NODE_NUMBER, // text holds it as written
    AUR_NODE_STRING,
    AUR_NODE_LIST,
    AUR_NODE_MAP
};

struct aur_node {
    uint8_t kind; // enum aur_node_kind
    bool truth;   // BOOL
    uint32_t line;
    uint32_t key;   // offset into text of the key under which a map holds it, or 0
    uint32_t text;  // offset into text of a scalar
    uint32_t first; // first child of a list or map, or AUR_NONE
    uint32_t last;  // last child, or AUR_NONE
    uint32_t next;  // next sibling, or AUR_NONE
};

// Node 0 is the root.
struct aur_document {
    char *file; // as the user named it
    bool zeros; // texts may hold U+0000, kept as the bytes C0 80, which no UTF-8 text has
    struct aur_node *nodes;
    char *text;
    uint32_t node_count, node_room, text_bytes, text_room;
};

void aur_document_init(struct aur_document *document, const char *file);
void aur_document_free(struct aur_document *document);

// Readers for whole files; host only. `bytes` need not end in a zero. The document must be fresh
// from aur_document_init. Errors: not of the format, too large, too deep, empty.
//
// JSON as rt-app and its workgen take it: comments, commas before a closing bracket, repeated
// keys, and a key without a value ("suspend",), which reads as null.
bool aur_document_read_json(struct aur_document *document, const char *bytes, size_t size,
                            struct aur_failure *failure);

// YAML 1.2 core schema, one document. Anchors and aliases are copied out; tags, repeated keys
// and keys that are not scalars are errors.
bool aur_document_read_yaml(struct aur_document *document, const char *bytes, size_t size,
                            struct aur_failure *failure);

// Building, for readers: adds a node as the last child of `parent` (AUR_NONE for the root).
// key and text may be NULL. Returns its index, or AUR_NONE when memory is out or the document
// is full.
uint32_t aur_document_add(struct aur_document *document, uint32_t parent, enum aur_node_kind kind,
                          const char *key, const char *text, uint32_t line);

const char *aur_document_key(const struct aur_document *document, const struct aur_node *node);
const char *aur_document_text(const struct aur_document *document, const struct aur_node *node);
const struct aur_node *aur_document_root(const struct aur_document *document); // NULL: empty
const struct aur_node *aur_document_child(const struct aur_document *document,
                                          const struct aur_node *node); // first, or NULL
const struct aur_node *aur_document_next(const struct aur_document *document,
                                         const struct aur_node *node); // sibling, or NULL
const struct aur_node *aur_document_find(const struct aur_document *document,
                                         const struct aur_node *map,
                                         const char *key); // first of that key, or NULL

// Scalars, refused with place and mend when of another type or range.
// A number without a fraction is an integer however it is written: 5, 5.0, 1e3, 0x1f, 0o17.
bool aur_document_integer(const struct aur_document *document, const struct aur_node *node,
                          int64_t low, int64_t high, int64_t *value, struct aur_failure *failure);
bool aur_document_real(const struct aur_document *document, const struct aur_node *node,
                       double *value, struct aur_failure *failure);
bool aur_document_string(const struct aur_document *document, const struct aur_node *node,
                         const char **value, struct aur_failure *failure);
bool aur_document_bool(const struct aur_document *document, const struct aur_node *node,
                       bool *value, struct aur_failure *failure);
// "4ms", "1.5 us", "2s", "300ns"; a bare number counts in `unit_ns` nanoseconds. Not negative,
// below 2^62 ns, rounded to the nearest nanosecond (halves up).
bool aur_document_duration(const struct aur_document *document, const struct aur_node *node,
                           uint64_t unit_ns, uint64_t *value_ns, struct aur_failure *failure);

// The same of a word outside of a document, which needs its unit but for "0". False if it is none.
bool aur_document_duration_of(const char *text, uint64_t *value_ns);

// The name nearest to `word` by edit distance among a NULL-terminated list, for "did you mean";
// NULL if none is near.
const char *aur_document_nearest(const char *word, const char *const *names);

#endif
