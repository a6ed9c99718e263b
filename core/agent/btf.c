// The description of a map in C, after libbpf's convention:
//
//     struct {
//         __uint(type, BPF_MAP_TYPE_HASH);     int (*type)[1]
//         __uint(max_entries, 64);             int (*max_entries)[64]
//         __type(key, u32);                    u32 *key
//         __type(value, struct entry);         struct entry *value
//     } entries SEC(".maps");
//
// as BTF has it (Linux Documentation/bpf/btf.rst, tools/lib/bpf/libbpf.c parse_btf_map_def).
#include "agent/btf.h"

#include "lib/memory.h"

#define BTF_MAGIC 0xeb9fu
#define DEPTH     32u // of typedefs and arrays of arrays

enum kind {
    INT = 1,
    PTR,
    ARRAY,
    STRUCT,
    UNION,
    ENUM,
    FWD,
    TYPEDEF,
    VOLATILE,
    CONST,
    RESTRICT,
    FUNC,
    FUNC_PROTO,
    VAR,
    DATASEC,
    FLOAT,
    DECL_TAG,
    TYPE_TAG,
    ENUM64
};

struct btf {
    const unsigned char *types, *strings;
    uint32_t types_bytes, strings_bytes;
};

struct type {
    const char *name;
    enum kind kind;
    uint32_t members;
    uint32_t size;              // or the type that it refers to
    const unsigned char *after; // what follows the type's head
};

static uint32_t word(const unsigned char *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static bool open(const unsigned char *bytes, size_t size, struct btf *btf)
{
    if (size < 24 || (word(bytes) & 0xffffffu) != (0x10000u | BTF_MAGIC))
        return false;
    uint64_t head = word(bytes + 4), types = word(bytes + 8), types_bytes = word(bytes + 12),
             strings = word(bytes + 16), strings_bytes = word(bytes + 20);
    if (head + types + types_bytes > size || head + strings + strings_bytes > size ||
        strings_bytes == 0 || bytes[head + strings + strings_bytes - 1] != '\0')
        return false;
    *btf = (struct btf){bytes + head + types, bytes + head + strings, (uint32_t)types_bytes,
                        (uint32_t)strings_bytes};
    return true;
}

static const char *name_of(const struct btf *btf, uint32_t at)
{
    return at < btf->strings_bytes ? (const char *)btf->strings + at : "";
}

static uint32_t bytes_after(enum kind kind, uint32_t members)
{
    switch (kind) {
    case INT:
    case VAR:
    case DECL_TAG:
        return 4;
    case ARRAY:
        return 12;
    case STRUCT:
    case UNION:
    case DATASEC:
    case ENUM64:
        return members * 12;
    case ENUM:
    case FUNC_PROTO:
        return members * 8;
    default:
        return 0;
    }
}

// The type at byte `at`, which is moved on to the next.
static bool read_type(const struct btf *btf, uint32_t *at, struct type *type)
{
    if (*at > btf->types_bytes || btf->types_bytes - *at < 12)
        return false;
    const unsigned char *head = btf->types + *at;
    uint32_t info = word(head + 4);
    *type = (struct type){.name = name_of(btf, word(head)),
                          .kind = (enum kind)(info >> 24 & 31u),
                          .members = info & 0xffffu,
                          .size = word(head + 8),
                          .after = head + 12};
    uint32_t more = bytes_after(type->kind, type->members);
    if (more > btf->types_bytes - *at - 12)
        return false;
    *at += 12 + more;
    return true;
}

// By number, from 1.
static bool find_type(const struct btf *btf, uint32_t number, struct type *type)
{
    uint32_t at = 0;
    for (uint32_t i = 1; i <= number; i++)
        if (!read_type(btf, &at, type))
            return false;
    return number != 0;
}

// Past typedefs and qualifiers.
static bool resolve(const struct btf *btf, uint32_t number, struct type *type)
{
    for (uint32_t depth = 0; depth < DEPTH; depth++) {
        if (!find_type(btf, number, type))
            return false;
        if (type->kind != TYPEDEF && type->kind != VOLATILE && type->kind != CONST &&
            type->kind != RESTRICT && type->kind != TYPE_TAG)
            return true;
        number = type->size;
    }
    return false;
}

// Bytes of a value of the type; 0 if that is not known.
static uint32_t size_of(const struct btf *btf, uint32_t number)
{
    uint64_t count = 1;
    struct type type;
    for (uint32_t depth = 0; depth < DEPTH && resolve(btf, number, &type); depth++) {
        if (type.kind == ARRAY) {
            count *= word(type.after + 8);
            number = word(type.after);
            if (count > AUR_AGENT_MAP_BYTES_MAX)
                return 0;
            continue;
        }
        uint64_t size = type.kind == PTR ? 8 : type.size;
        bool sized = type.kind == INT || type.kind == PTR || type.kind == STRUCT ||
                     type.kind == UNION || type.kind == ENUM || type.kind == ENUM64 ||
                     type.kind == FLOAT;
        return sized && size * count <= AUR_AGENT_MAP_BYTES_MAX ? (uint32_t)(size * count) : 0;
    }
    return 0;
}

// What a member `int (*name)[n]` says: n. What a member `type *name` points to.
static bool member(const struct btf *btf, uint32_t number, uint32_t *count, uint32_t *pointee)
{
    struct type type, array;
    if (!resolve(btf, number, &type) || type.kind != PTR)
        return false;
    *pointee = type.size;
    *count = resolve(btf, type.size, &array) && array.kind == ARRAY ? word(array.after + 8) : 0;
    return true;
}

static bool is(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

static const char *describe(const struct btf *btf, const struct type *type,
                            struct aur_agent_map_source *map)
{
    for (uint32_t i = 0; i < type->members; i++) {
        const unsigned char *at = type->after + 12 * i;
        const char *name = name_of(btf, word(at));
        uint32_t count, pointee;
        if (!member(btf, word(at + 4), &count, &pointee))
            return "a member of its description is no pointer: use __uint and __type";
        if (is(name, "type"))
            map->kind = count;
        else if (is(name, "max_entries"))
            map->entries = count;
        else if (is(name, "key"))
            map->key_bytes = size_of(btf, pointee);
        else if (is(name, "key_size"))
            map->key_bytes = count;
        else if (is(name, "value"))
            map->value_bytes = size_of(btf, pointee);
        else if (is(name, "value_size"))
            map->value_bytes = count;
        else if (!is(name, "map_flags") && !is(name, "pinning"))
            return "its description has a member that is not supported";
    }
    return NULL;
}

// The variable's type, past typedefs.
static bool find_variable(const struct btf *btf, const char *name, struct type *type)
{
    for (uint32_t at = 0; read_type(btf, &at, type);)
        if (type->kind == VAR && is(type->name, name))
            return resolve(btf, type->size, type);
    return false;
}

const char *aur_btf_map(const unsigned char *bytes, size_t size, struct aur_agent_map_source *map)
{
    struct btf btf;
    struct type type;
    if (!open(bytes, size, &btf))
        return "no BTF, which describes maps: compile with -g";
    if (!find_variable(&btf, map->name, &type))
        return "BTF does not know it";
    return type.kind == STRUCT ? describe(&btf, &type, map) : "it is no struct";
}

const char *aur_btf_member(const unsigned char *bytes, size_t size, const char *variable,
                           uint64_t offset)
{
    struct btf btf;
    struct type type;
    if (!open(bytes, size, &btf) || !find_variable(&btf, variable, &type) || type.kind != STRUCT)
        return NULL;
    for (uint32_t i = 0; i < type.members; i++) // each: name, type, offset in bits
        if (word(type.after + 12 * i + 8) == offset * 8)
            return name_of(&btf, word(type.after + 12 * i));
    return NULL;
}
