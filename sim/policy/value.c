#include "policy/value.h"

#include <stdlib.h>
#include <string.h>

#include "workload/file.h"

static bool refuse(struct aur_value_reader *reader, const struct aur_node *node, const char *why)
{
    return aur_fail(reader->failure, reader->document->file, node->line, "%s", why);
}

bool aur_value_open(struct aur_document *document, const char *path, struct aur_failure *failure)
{
    char *bytes;
    size_t size;
    bool truncated;
    aur_document_init(document, path);
    document->zeros = true;
    if (!aur_file_read(path, &bytes, &size, &truncated, failure))
        return false;
    bool good = aur_document_read_json(document, bytes, size, failure);
    free(bytes);
    return good;
}

bool aur_value_keys(const struct aur_document *document, const struct aur_node *map,
                    const char *const *names, struct aur_failure *failure)
{
    for (const struct aur_node *node = aur_document_child(document, map); node;
         node = aur_document_next(document, node)) {
        const char *key = aur_document_key(document, node);
        bool known = false;
        for (const char *const *name = names; *name && !known; name++)
            known = strcmp(*name, key) == 0;
        if (known && aur_document_find(document, map, key) != node)
            return aur_fail(failure, document->file, node->line,
                            "\"%.60s\" is given twice, remove one", key);
        if (known)
            continue;
        const char *near = aur_document_nearest(key, names);
        if (near)
            return aur_fail(failure, document->file, node->line,
                            "unknown key \"%.60s\", did you mean \"%s\"?", key, near);
        return aur_fail(failure, document->file, node->line,
                        "unknown key \"%.60s\", remove it (known: \"%s\" and others)", key,
                        names[0]);
    }
    return true;
}

bool aur_value_good(struct aur_value_reader *reader, const struct aur_node *node)
{
    uint32_t status = reader->builder.status;
    if (status == AUR_RULE_OK)
        return true;
    if (status == AUR_RULE_NO_ROOM)
        return false;
    return refuse(reader, node,
                  status == AUR_RULE_REPEATED_KEY ? "an object has a key twice, remove one"
                  : status == AUR_RULE_TOO_DEEP
                      ? "more than 32 lists and objects are nested here, nest less deeply"
                      : aur_rule_status_text(status));
}

// A text of the document without what stands for U+0000 there, malloc'ed; NULL with a failure.
static char *plain_text(struct aur_value_reader *reader, const struct aur_node *node,
                        const char *text, uint32_t *size)
{
    char *plain = malloc(strlen(text) + 1), *out = plain;
    if (!plain)
        refuse(reader, node, "memory is out");
    for (; plain && *text; out++) {
        bool zero = *text == '\xc0';
        *out = zero ? '\0' : *text;
        text += zero ? 2 : 1;
    }
    *size = plain ? (uint32_t)(out - plain) : 0;
    return plain;
}

static bool read_text(struct aur_value_reader *reader, const struct aur_node *node,
                      const char *text, struct aur_rule_value *value)
{
    uint32_t size;
    char *plain = plain_text(reader, node, text, &size);
    if (plain)
        *value = aur_rule_make_string(&reader->builder, plain, size);
    free(plain);
    return plain && aur_value_good(reader, node);
}

// JSON numbers are Cedar's integers.
static bool read_number(struct aur_value_reader *reader, const struct aur_node *node,
                        struct aur_rule_value *value)
{
    const char *text = aur_document_text(reader->document, node);
    bool negative = *text == '-';
    uint64_t number = 0, most = (uint64_t)INT64_MAX + negative;
    for (text += negative; *text; text++) {
        uint64_t digit = (uint64_t)(*text - '0');
        if (digit > 9)
            return refuse(reader, node,
                          "Cedar has integers only, write a decimal as {\"__extn\": {\"fn\": "
                          "\"decimal\", \"arg\": \"1.5\"}}");
        if (number > (most - digit) / 10)
            return refuse(reader, node, "the number does not fit into 64 bits");
        number = number * 10 + digit;
    }
    *value = aur_rule_long((int64_t)(negative ? 0 - number : number));
    return true;
}

static const struct aur_node *text_under(struct aur_value_reader *reader,
                                         const struct aur_node *map, const char *key)
{
    const struct aur_node *node = aur_document_find(reader->document, map, key);
    return node && node->kind == AUR_NODE_STRING ? node : NULL;
}

// Whether a map has just these two keys, with texts.
static bool is_pair(struct aur_value_reader *reader, const struct aur_node *map, const char *one,
                    const char *other)
{
    const struct aur_node *first =
        map->kind == AUR_NODE_MAP ? aur_document_child(reader->document, map) : NULL;
    const struct aur_node *second = first ? aur_document_next(reader->document, first) : NULL;
    return second && !aur_document_next(reader->document, second) && text_under(reader, map, one) &&
           text_under(reader, map, other);
}

// The value behind a map's only key, or NULL.
static const struct aur_node *escaped(struct aur_value_reader *reader, const struct aur_node *map,
                                      const char *key)
{
    const struct aur_node *only =
        map->kind == AUR_NODE_MAP ? aur_document_child(reader->document, map) : NULL;
    bool found = only && !aur_document_next(reader->document, only) &&
                 strcmp(aur_document_key(reader->document, only), key) == 0;
    return found ? only : NULL;
}

static bool is_type(const char *type)
{
    bool start = true;
    for (; *type; type++) {
        bool letter =
            (*type >= 'a' && *type <= 'z') || (*type >= 'A' && *type <= 'Z') || *type == '_';
        bool digit = *type >= '0' && *type <= '9';
        if (*type == ':' && type[1] == ':' && !start) {
            start = true;
            type++;
            continue;
        }
        if (!letter && (!digit || start))
            return false;
        start = false;
    }
    return !start;
}

static bool read_pair(struct aur_value_reader *reader, const struct aur_node *map,
                      struct aur_rule_value *value)
{
    if (!is_pair(reader, map, "type", "id"))
        return refuse(reader, map, "an entity is {\"type\": \"User\", \"id\": \"alice\"}");
    const char *type = aur_document_text(reader->document, text_under(reader, map, "type"));
    const char *id = aur_document_text(reader->document, text_under(reader, map, "id"));
    if (!is_type(type))
        return refuse(reader, map, "an entity's type is a name like \"User\" or \"Photo::Album\"");
    uint32_t size;
    char *plain = plain_text(reader, map, id, &size);
    if (plain)
        *value = aur_rule_entity(&reader->builder, type, (uint32_t)strlen(type), plain, size);
    free(plain);
    return plain && aur_value_good(reader, map);
}

bool aur_value_read_entity(struct aur_value_reader *reader, const struct aur_node *node,
                           struct aur_rule_value *value)
{
    const struct aur_node *inner = escaped(reader, node, "__entity");
    struct aur_rule_refusal refusal;
    if (node->kind != AUR_NODE_STRING)
        return read_pair(reader, inner ? inner : node, value);
    const char *text = aur_document_text(reader->document, node);
    if (!aur_rule_read_entity(&reader->builder, text, strlen(text), value, &refusal))
        return refuse(reader, node, refusal.text);
    return aur_value_good(reader, node);
}

static bool read_offset(struct aur_value_reader *reader, const struct aur_node *map,
                        struct aur_rule_value *value);

static bool read_extension(struct aur_value_reader *reader, const struct aur_node *map,
                           struct aur_rule_value *value)
{
    const struct aur_node *called =
        map->kind == AUR_NODE_MAP ? text_under(reader, map, "fn") : NULL;
    if (called && strcmp(aur_document_text(reader->document, called), "offset") == 0)
        return read_offset(reader, map, value);
    if (!is_pair(reader, map, "fn", "arg"))
        return refuse(reader, map, "an extension value is {\"fn\": \"ip\", \"arg\": \"10.0.0.1\"}");
    const char *function = aur_document_text(reader->document, text_under(reader, map, "fn"));
    const char *argument = aur_document_text(reader->document, text_under(reader, map, "arg"));
    *value = aur_rule_extension(&reader->builder, function, (uint32_t)strlen(function), argument,
                                (uint32_t)strlen(argument));
    if (reader->builder.status == AUR_RULE_BAD_EXTENSION)
        return aur_fail(reader->failure, reader->document->file, map->line,
                        "%.20s(\"%.60s\") is no value: there are ip, decimal, datetime and "
                        "duration, of strings of their form",
                        function, argument);
    return aur_value_good(reader, map);
}

static uint32_t count_children(const struct aur_document *document, const struct aur_node *node)
{
    uint32_t count = 0;
    for (node = aur_document_child(document, node); node; node = aur_document_next(document, node))
        count++;
    return count;
}

bool aur_value_read_list(struct aur_value_reader *reader, const struct aur_node *node,
                         bool entities, struct aur_rule_value **values, uint32_t *count)
{
    uint32_t room = count_children(reader->document, node);
    *count = 0;
    *values = NULL;
    if (node->kind != AUR_NODE_LIST)
        return refuse(reader, node, "a list is expected here, write [..]");
    *values = calloc(room + 1, sizeof **values);
    if (!*values)
        return refuse(reader, node, "memory is out");
    for (node = aur_document_child(reader->document, node); node;
         node = aur_document_next(reader->document, node)) {
        struct aur_rule_value *next = &(*values)[(*count)++];
        if (entities ? !aur_value_read_entity(reader, node, next)
                     : !aur_value_read(reader, node, next))
            return false;
    }
    return true;
}

bool aur_value_read_record(struct aur_value_reader *reader, const struct aur_node *node,
                           struct aur_rule_value *value)
{
    uint32_t count = 0;
    if (node->kind != AUR_NODE_MAP)
        return refuse(reader, node, "an object is expected here, write {..}");
    struct aur_rule_value *pairs =
        calloc(2 * (size_t)count_children(reader->document, node) + 1, sizeof *pairs);
    if (!pairs)
        return refuse(reader, node, "memory is out");
    bool good = true;
    for (const struct aur_node *each = aur_document_child(reader->document, node); each && good;
         each = aur_document_next(reader->document, each), count++) {
        const char *key = aur_document_key(reader->document, each);
        good = read_text(reader, each, key, &pairs[2 * count]) &&
               aur_value_read(reader, each, &pairs[2 * count + 1]);
    }
    if (good)
        *value = aur_rule_make_record(&reader->builder, pairs, count);
    free(pairs);
    return good && aur_value_good(reader, node);
}

// {"fn": "offset", "args": [an instant, a duration]}: how Cedar writes instants.
static bool read_offset(struct aur_value_reader *reader, const struct aur_node *map,
                        struct aur_rule_value *value)
{
    const struct aur_node *arguments = aur_document_find(reader->document, map, "args");
    struct aur_rule_value *values = NULL;
    uint32_t count = 0;
    int64_t sum = 0;
    bool good = arguments && aur_value_read_list(reader, arguments, false, &values, &count) &&
                count == 2 && values[0].kind == AUR_RULE_DATETIME &&
                values[1].kind == AUR_RULE_DURATION &&
                !__builtin_add_overflow((int64_t)values[0].data, (int64_t)values[1].data, &sum);
    if (good) {
        *value = values[0];
        value->data = (uint64_t)sum;
    }
    free(values);
    return good || (aur_value_good(reader, map) &&
                    refuse(reader, map, "offset takes \"args\": an instant and a duration"));
}

// A list or an object. The document bounds how deep they are nested.
static bool read_compound(struct aur_value_reader *reader, const struct aur_node *node,
                          struct aur_rule_value *value)
{
    if (node->kind == AUR_NODE_LIST) {
        struct aur_rule_value *members;
        uint32_t count;
        bool good = aur_value_read_list(reader, node, false, &members, &count);
        if (good)
            *value = aur_rule_make_set(&reader->builder, members, count);
        free(members);
        return good && aur_value_good(reader, node);
    }
    const struct aur_node *inner = escaped(reader, node, "__entity");
    if (inner)
        return read_pair(reader, inner, value);
    inner = escaped(reader, node, "__extn");
    if (inner)
        return read_extension(reader, inner, value);
    if (escaped(reader, node, "__expr"))
        return refuse(reader, node, "__expr is not supported, use __entity or __extn");
    if (reader->reading->implicit && is_pair(reader, node, "type", "id"))
        return read_pair(reader, node, value);
    if (reader->reading->implicit && is_pair(reader, node, "fn", "arg"))
        return read_extension(reader, node, value);
    return aur_value_read_record(reader, node, value);
}

bool aur_value_read(struct aur_value_reader *reader, const struct aur_node *node,
                    struct aur_rule_value *value)
{
    switch (node->kind) {
    case AUR_NODE_BOOL:
        *value = aur_rule_bool(node->truth);
        return true;
    case AUR_NODE_NUMBER:
        return read_number(reader, node, value);
    case AUR_NODE_STRING:
        return read_text(reader, node, aur_document_text(reader->document, node), value);
    case AUR_NODE_NULL:
        return refuse(reader, node, "null is no value in Cedar, leave the key out");
    default:
        return read_compound(reader, node, value);
    }
}
