// YAML into a document, from libyaml's events. Plain scalars are typed by the core schema of
// YAML 1.2.2 (section 10.3.2), as the browser's reader does.
#include "workload/document.h"

#include <stdlib.h>
#include <string.h>

#include <yaml.h>

// Anchors are looked up one by one.
#define ANCHORS_MAX 1024u

struct anchor {
    char *name;
    uint32_t node;
    bool open; // its node is not complete yet
};

struct yaml_reader {
    struct aur_document *document;
    struct aur_failure *failure;
    yaml_parser_t parser;
    uint32_t depth, key_line;
    char *key;                         // of the value to come
    uint32_t open[AUR_DOCUMENT_DEPTH]; // the maps and lists around it
    struct anchor anchors[ANCHORS_MAX];
    uint32_t anchor_count;
    bool done; // the document has ended
};

static bool fail(struct yaml_reader *reader, uint32_t line, const char *what)
{
    return aur_fail(reader->failure, reader->document->file, line, "%s", what);
}

static bool out_of_memory(struct yaml_reader *reader)
{
    return fail(reader, 0, "memory is out, use a smaller file");
}

// --- plain scalars -------------------------------------------------------------------------------

static bool one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

static bool is_number(const char *text)
{
    static const char *const special[] = {".inf",  ".Inf",  ".INF",  "+.inf", "+.Inf",
                                          "+.INF", "-.inf", "-.Inf", "-.INF", ".nan",
                                          ".NaN",  ".NAN",  NULL};
    static const char digits[] = "0123456789";
    if (one_of(text, special))
        return true;
    if (text[0] == '0' && text[1] == 'x')
        return text[2] && !text[2 + strspn(text + 2, "0123456789abcdefABCDEF")];
    if (text[0] == '0' && text[1] == 'o')
        return text[2] && !text[2 + strspn(text + 2, "01234567")];
    text += *text == '-' || *text == '+';
    size_t whole = strspn(text, digits);
    text += whole;
    if (*text == '.') {
        size_t part = strspn(text + 1, digits);
        whole += part;
        text += 1 + part;
    }
    if (!whole)
        return false;
    if (*text == 'e' || *text == 'E') {
        text++;
        text += *text == '-' || *text == '+';
        size_t power = strspn(text, digits);
        if (!power)
            return false;
        text += power;
    }
    return !*text;
}

static enum aur_node_kind plain_kind(const char *text, bool *truth)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const trues[] = {"true", "True", "TRUE", NULL};
    static const char *const falses[] = {"false", "False", "FALSE", NULL};
    *truth = one_of(text, trues);
    if (*truth || one_of(text, falses))
        return AUR_NODE_BOOL;
    if (one_of(text, nulls))
        return AUR_NODE_NULL;
    return is_number(text) ? AUR_NODE_NUMBER : AUR_NODE_STRING;
}

// --- nodes ---------------------------------------------------------------------------------------

static uint32_t add(struct yaml_reader *reader, enum aur_node_kind kind, const char *text,
                    uint32_t line)
{
    uint32_t parent = reader->depth ? reader->open[reader->depth - 1] : AUR_NONE;
    uint32_t node = aur_document_add(reader->document, parent, kind, reader->key, text,
                                     reader->key ? reader->key_line : line);
    free(reader->key);
    reader->key = NULL;
    if (node == AUR_NONE)
        aur_fail(reader->failure, reader->document->file, line,
                 "the file holds too much from here on, split it (at most %u values)",
                 AUR_DOCUMENT_NODES);
    return node;
}

static bool push(struct yaml_reader *reader, uint32_t node, uint32_t line)
{
    if (reader->depth == AUR_DOCUMENT_DEPTH)
        return aur_fail(reader->failure, reader->document->file, line,
                        "nested more than %u deep here, nest less deeply", AUR_DOCUMENT_DEPTH);
    reader->open[reader->depth++] = node;
    return true;
}

static bool set_anchor(struct yaml_reader *reader, const yaml_char_t *name, uint32_t node,
                       bool open)
{
    if (!name)
        return true;
    if (reader->anchor_count == ANCHORS_MAX)
        return aur_fail(reader->failure, reader->document->file, reader->document->nodes[node].line,
                        "more than %u anchors, write some values out", ANCHORS_MAX);
    char *copy = malloc(strlen((const char *)name) + 1);
    if (!copy)
        return out_of_memory(reader);
    strcpy(copy, (const char *)name);
    reader->anchors[reader->anchor_count++] =
        (struct anchor){.name = copy, .node = node, .open = open};
    return true;
}

// The latest of that name holds: YAML lets a later anchor take over.
static struct anchor *find_anchor(struct yaml_reader *reader, const char *name)
{
    for (uint32_t i = reader->anchor_count; i > 0; i--)
        if (strcmp(reader->anchors[i - 1].name, name) == 0)
            return &reader->anchors[i - 1];
    return NULL;
}

// Copies the tree at `source` under the value to come. Its size is bounded by the document's
// node limit, its depth by the check in push.
static bool copy_tree(struct yaml_reader *reader, uint32_t source, uint32_t line)
{
    struct aur_document *document = reader->document;
    struct aur_node from = document->nodes[source];
    char *text = NULL;
    if (from.text) {
        const char *original = document->text + from.text; // moves when the text grows
        text = malloc(strlen(original) + 1);
        if (!text)
            return out_of_memory(reader);
        strcpy(text, original);
    }
    uint32_t node = add(reader, from.kind, text, line);
    free(text);
    if (node == AUR_NONE)
        return false;
    document->nodes[node].truth = from.truth;
    if (from.kind != AUR_NODE_LIST && from.kind != AUR_NODE_MAP)
        return true;
    if (!push(reader, node, line))
        return false;
    for (uint32_t child = from.first; child != AUR_NONE; child = document->nodes[child].next) {
        if (document->nodes[child].key) {
            const char *key = document->text + document->nodes[child].key;
            reader->key = malloc(strlen(key) + 1);
            if (!reader->key)
                return out_of_memory(reader);
            strcpy(reader->key, key);
            reader->key_line = line;
        }
        if (!copy_tree(reader, child, line))
            return false;
    }
    reader->depth--;
    return true;
}

static bool on_alias(struct yaml_reader *reader, const char *name, uint32_t line)
{
    struct anchor *anchor = find_anchor(reader, name);
    if (!anchor)
        return aur_fail(reader->failure, reader->document->file, line,
                        "*%.60s names no anchor above it, write &%.60s at what it should repeat",
                        name, name);
    if (anchor->open)
        return aur_fail(reader->failure, reader->document->file, line,
                        "*%.60s stands inside the very value it repeats, write that out", name);
    return copy_tree(reader, anchor->node, line);
}

static bool is_map_waiting_for_key(const struct yaml_reader *reader)
{
    return reader->depth && !reader->key &&
           reader->document->nodes[reader->open[reader->depth - 1]].kind == AUR_NODE_MAP;
}

static bool on_scalar(struct yaml_reader *reader, const yaml_event_t *event, uint32_t line)
{
    const char *text = (const char *)event->data.scalar.value;
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE, truth = false;

    if (strlen(text) != event->data.scalar.length)
        return fail(reader, line, "a text holds a zero byte, write it without");
    if (is_map_waiting_for_key(reader)) {
        if (event->data.scalar.anchor)
            return fail(reader, line, "an anchor on a key, put it on the value");
        reader->key = malloc(strlen(text) + 1);
        if (!reader->key)
            return out_of_memory(reader);
        strcpy(reader->key, text);
        reader->key_line = line;
        return true;
    }
    enum aur_node_kind kind = plain ? plain_kind(text, &truth) : AUR_NODE_STRING;
    uint32_t node = add(reader, kind, text, line);
    if (node == AUR_NONE)
        return false;
    reader->document->nodes[node].truth = truth;
    return set_anchor(reader, event->data.scalar.anchor, node, false);
}

static bool on_open(struct yaml_reader *reader, enum aur_node_kind kind, const yaml_char_t *anchor,
                    uint32_t line)
{
    if (is_map_waiting_for_key(reader))
        return fail(reader, line, "a map or list as a key, use a word");
    uint32_t node = add(reader, kind, NULL, line);
    return node != AUR_NONE && push(reader, node, line) && set_anchor(reader, anchor, node, true);
}

struct key_place {
    const char *key;
    uint32_t line;
};

static int by_key(const void *a, const void *b)
{
    const struct key_place *x = a, *y = b;
    int order = strcmp(x->key, y->key);
    return order ? order : (x->line > y->line) - (x->line < y->line);
}

static bool refuse_repeats(struct yaml_reader *reader, uint32_t map)
{
    struct aur_document *document = reader->document;
    uint32_t count = 0;
    for (uint32_t i = document->nodes[map].first; i != AUR_NONE; i = document->nodes[i].next)
        count++;
    if (count < 2)
        return true;
    struct key_place *keys = malloc(count * sizeof *keys);
    if (!keys)
        return out_of_memory(reader);
    count = 0;
    for (uint32_t i = document->nodes[map].first; i != AUR_NONE; i = document->nodes[i].next)
        keys[count++] = (struct key_place){aur_document_key(document, &document->nodes[i]),
                                           document->nodes[i].line};
    qsort(keys, count, sizeof *keys, by_key);
    const struct key_place *first = NULL;
    for (uint32_t i = 1; i < count; i++)
        if (strcmp(keys[i - 1].key, keys[i].key) == 0 && (!first || keys[i].line < first[1].line))
            first = &keys[i - 1];
    if (first)
        aur_fail(reader->failure, document->file, first[1].line,
                 "\"%.60s\" is here already, on line %u, remove one", first->key, first->line);
    free(keys);
    return !first;
}

static bool on_close(struct yaml_reader *reader)
{
    uint32_t node = reader->open[--reader->depth];
    for (uint32_t i = reader->anchor_count; i > 0; i--)
        if (reader->anchors[i - 1].node == node)
            reader->anchors[i - 1].open = false;
    return reader->document->nodes[node].kind != AUR_NODE_MAP || refuse_repeats(reader, node);
}

static bool on_event(struct yaml_reader *reader, const yaml_event_t *event, bool *end)
{
    uint32_t line = (uint32_t)event->start_mark.line + 1;
    const yaml_char_t *tag = NULL;

    if (event->type == YAML_SCALAR_EVENT)
        tag = event->data.scalar.tag;
    else if (event->type == YAML_SEQUENCE_START_EVENT)
        tag = event->data.sequence_start.tag;
    else if (event->type == YAML_MAPPING_START_EVENT)
        tag = event->data.mapping_start.tag;
    if (tag)
        return aur_fail(reader->failure, reader->document->file, line,
                        "the tag %.60s, remove it: values have no tags here", (const char *)tag);

    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return !reader->done || fail(reader, line, "a second document, put it into a second file");
    case YAML_DOCUMENT_END_EVENT:
        reader->done = true;
        return true;
    case YAML_STREAM_END_EVENT:
        *end = true;
        return reader->done || fail(reader, 0, "empty, write something into it");
    case YAML_ALIAS_EVENT:
        if (is_map_waiting_for_key(reader))
            return fail(reader, line, "an alias as a key, write the key out");
        return on_alias(reader, (const char *)event->data.alias.anchor, line);
    case YAML_SCALAR_EVENT:
        return on_scalar(reader, event, line);
    case YAML_SEQUENCE_START_EVENT:
        return on_open(reader, AUR_NODE_LIST, event->data.sequence_start.anchor, line);
    case YAML_MAPPING_START_EVENT:
        return on_open(reader, AUR_NODE_MAP, event->data.mapping_start.anchor, line);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_close(reader);
    default:
        return true;
    }
}

static bool report(struct yaml_reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    if (parser->error == YAML_MEMORY_ERROR)
        return out_of_memory(reader);
    return aur_fail(reader->failure, reader->document->file,
                    (uint32_t)parser->problem_mark.line + 1,
                    "not YAML: %s, correct it here or just before",
                    parser->problem ? parser->problem : "it cannot be parsed");
}

static bool parse(struct yaml_reader *reader)
{
    bool good = true, end = false;
    while (good && !end) {
        yaml_event_t event;
        if (!yaml_parser_parse(&reader->parser, &event))
            return report(reader);
        good = on_event(reader, &event, &end);
        yaml_event_delete(&event);
    }
    return good;
}

bool aur_document_read_yaml(struct aur_document *document, const char *bytes, size_t size,
                            struct aur_failure *failure)
{
    struct yaml_reader reader = {.document = document, .failure = failure};

    if (size > AUR_DOCUMENT_BYTES)
        return aur_fail(failure, document->file, 0, "larger than %u MiB, split it",
                        AUR_DOCUMENT_BYTES >> 20);
    if (!yaml_parser_initialize(&reader.parser))
        return out_of_memory(&reader);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)bytes, size);
    bool good = parse(&reader);
    yaml_parser_delete(&reader.parser);
    free(reader.key);
    for (uint32_t i = 0; i < reader.anchor_count; i++)
        free(reader.anchors[i].name);
    return good;
}
