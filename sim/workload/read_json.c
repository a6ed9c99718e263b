// JSON into a document, with libyajl behind a pass that makes strict JSON of what rt-app's tools
// take: comments become blanks, a comma before a closing bracket goes, a key without a value
// (workgen's "suspend",) gets null. Newlines stay where they are, so lines are the file's.
#include "workload/document.h"

#include <stdlib.h>
#include <string.h>

#include <yajl/yajl_parse.h>

// --- the pass ------------------------------------------------------------------------------------

struct relaxer {
    const char *in, *end;
    char *out;
    size_t size;
    size_t comma;  // if the last token is a comma after a value: its place in out + 1, else 0
    char last;     // first character of the last token
    bool key_next; // in a map, before a key
    bool key_last; // the last token is a key
    uint32_t depth, line;
    char open[AUR_DOCUMENT_DEPTH];
    const char *file;
    struct aur_failure *failure;
};

static void put(struct relaxer *relaxer, char c)
{
    relaxer->line += c == '\n';
    relaxer->out[relaxer->size++] = c;
}

static void put_text(struct relaxer *relaxer, const char *text)
{
    while (*text)
        put(relaxer, *text++);
}

static bool blank_comment(struct relaxer *relaxer)
{
    const char *in = relaxer->in;
    uint32_t line = relaxer->line;
    if (in[1] == '/') {
        for (; in < relaxer->end && *in != '\n'; in++)
            put(relaxer, ' ');
        relaxer->in = in;
        return true;
    }
    for (in += 2; relaxer->end - in >= 2; in++) {
        if (in[0] == '*' && in[1] == '/') {
            put(relaxer, ' ');
            relaxer->in = in + 2;
            return true;
        }
        put(relaxer, *in == '\n' ? '\n' : ' ');
    }
    return aur_fail(relaxer->failure, relaxer->file, line,
                    "a comment opens here and never ends, close it with */");
}

static void copy_string(struct relaxer *relaxer)
{
    put(relaxer, *relaxer->in++);
    while (relaxer->in < relaxer->end && *relaxer->in != '"' && *relaxer->in != '\n') {
        if (*relaxer->in == '\\' && relaxer->end - relaxer->in >= 2)
            put(relaxer, *relaxer->in++);
        put(relaxer, *relaxer->in++);
    }
    if (relaxer->in < relaxer->end)
        put(relaxer, *relaxer->in++);
}

static bool copy_bracket(struct relaxer *relaxer)
{
    char c = *relaxer->in++;
    if (c == '{' || c == '[') {
        if (relaxer->depth == AUR_DOCUMENT_DEPTH)
            return aur_fail(relaxer->failure, relaxer->file, relaxer->line,
                            "more than %u brackets are open here, nest less deeply",
                            AUR_DOCUMENT_DEPTH);
        relaxer->open[relaxer->depth++] = c;
        relaxer->key_next = c == '{';
    } else {
        if (relaxer->comma)
            relaxer->out[relaxer->comma - 1] = ' ';
        if (relaxer->depth)
            relaxer->depth--;
        relaxer->key_next = false;
    }
    put(relaxer, c);
    return true;
}

static bool copy_token(struct relaxer *relaxer, char c)
{
    if (strchr("{}[]", c))
        return copy_bracket(relaxer);
    relaxer->key_next = false;
    if (c == '"')
        copy_string(relaxer);
    else
        put(relaxer, *relaxer->in++);
    return true;
}

static bool relax(struct relaxer *relaxer)
{
    while (relaxer->in < relaxer->end) {
        char c = *relaxer->in;
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            put(relaxer, c);
            relaxer->in++;
            continue;
        }
        if (c == '/' && relaxer->end - relaxer->in >= 2 &&
            (relaxer->in[1] == '/' || relaxer->in[1] == '*')) {
            if (!blank_comment(relaxer))
                return false;
            continue;
        }
        if (relaxer->key_last && (c == ',' || c == '}'))
            put_text(relaxer, ":null");
        if (c == ',') {
            // A comma after nothing is left for the parser to refuse.
            bool after_value = relaxer->last && !strchr("{[,:", relaxer->last);
            put(relaxer, c);
            relaxer->in++;
            relaxer->comma = after_value ? relaxer->size : 0;
            relaxer->key_next = relaxer->depth && relaxer->open[relaxer->depth - 1] == '{';
            relaxer->key_last = false;
            relaxer->last = c;
            continue;
        }
        relaxer->key_last = c == '"' && relaxer->key_next;
        if (!copy_token(relaxer, c))
            return false;
        relaxer->comma = 0;
        relaxer->last = c;
    }
    return true;
}

// --- the tree ------------------------------------------------------------------------------------

struct json_reader {
    struct aur_document *document;
    struct aur_failure *failure;
    yajl_handle parser;
    const char *bytes;
    size_t counted; // bytes whose newlines are in `line`
    uint32_t line;
    uint32_t depth, key_line;
    char *key; // of the value to come
    uint32_t open[AUR_DOCUMENT_DEPTH];
};

static uint32_t line_now(struct json_reader *reader)
{
    size_t consumed = yajl_get_bytes_consumed(reader->parser);
    for (; reader->counted < consumed; reader->counted++)
        reader->line += reader->bytes[reader->counted] == '\n';
    return reader->line;
}

// A copy that ends in a zero, or NULL (and the failure) if the text has one inside.
static char *copy_text(struct json_reader *reader, const unsigned char *bytes, size_t size)
{
    size_t zeros = 0;
    for (size_t i = 0; i < size; i++)
        zeros += bytes[i] == 0;
    if (zeros && !reader->document->zeros) {
        aur_fail(reader->failure, reader->document->file, line_now(reader),
                 "a text holds \\u0000, write it without");
        return NULL;
    }
    char *text = malloc(size + zeros + 1);
    if (!text) {
        aur_fail(reader->failure, reader->document->file, 0, "memory is out, use a smaller file");
        return NULL;
    }
    char *out = text;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == 0)
            *out++ = '\xc0';
        *out++ = bytes[i] == 0 ? '\x80' : (char)bytes[i];
    }
    *out = '\0';
    return text;
}

static uint32_t add(struct json_reader *reader, enum aur_node_kind kind, const char *text)
{
    uint32_t parent = reader->depth ? reader->open[reader->depth - 1] : AUR_NONE;
    uint32_t line = reader->key ? reader->key_line : line_now(reader);
    uint32_t node = aur_document_add(reader->document, parent, kind, reader->key, text, line);
    free(reader->key);
    reader->key = NULL;
    if (node == AUR_NONE)
        aur_fail(reader->failure, reader->document->file, line,
                 "the file holds too much from here on, split it (at most %u values)",
                 AUR_DOCUMENT_NODES);
    return node;
}

static int on_null(void *context)
{
    return add(context, AUR_NODE_NULL, NULL) != AUR_NONE;
}

static int on_bool(void *context, int truth)
{
    struct json_reader *reader = context;
    uint32_t node = add(reader, AUR_NODE_BOOL, truth ? "true" : "false");
    if (node == AUR_NONE)
        return 0;
    reader->document->nodes[node].truth = truth != 0;
    return 1;
}

static int add_text(struct json_reader *reader, enum aur_node_kind kind, const unsigned char *bytes,
                    size_t size)
{
    char *text = copy_text(reader, bytes, size);
    uint32_t node = text ? add(reader, kind, text) : AUR_NONE;
    free(text);
    return node != AUR_NONE;
}

static int on_number(void *context, const char *bytes, size_t size)
{
    return add_text(context, AUR_NODE_NUMBER, (const unsigned char *)bytes, size);
}

static int on_string(void *context, const unsigned char *bytes, size_t size)
{
    return add_text(context, AUR_NODE_STRING, bytes, size);
}

static int on_key(void *context, const unsigned char *bytes, size_t size)
{
    struct json_reader *reader = context;
    reader->key_line = line_now(reader);
    reader->key = copy_text(reader, bytes, size);
    return reader->key != NULL;
}

static int open_node(struct json_reader *reader, enum aur_node_kind kind)
{
    uint32_t node = add(reader, kind, NULL);
    if (node == AUR_NONE)
        return 0;
    reader->open[reader->depth++] = node; // the pass has bounded the depth
    return 1;
}

static int on_map(void *context)
{
    return open_node(context, AUR_NODE_MAP);
}

static int on_list(void *context)
{
    return open_node(context, AUR_NODE_LIST);
}

static int on_close(void *context)
{
    struct json_reader *reader = context;
    reader->depth--;
    return 1;
}

static const yajl_callbacks callbacks = {.yajl_null = on_null,
                                         .yajl_boolean = on_bool,
                                         .yajl_number = on_number,
                                         .yajl_string = on_string,
                                         .yajl_start_map = on_map,
                                         .yajl_map_key = on_key,
                                         .yajl_end_map = on_close,
                                         .yajl_start_array = on_list,
                                         .yajl_end_array = on_close};

// yajl says "lexical error: invalid char in json text.\n"; only the middle is for the user.
static void report(struct json_reader *reader, uint32_t line)
{
    unsigned char *raw = yajl_get_error(reader->parser, 0, NULL, 0);
    char text[120] = "";
    const char *from = raw ? (const char *)raw : "it cannot be parsed";
    const char *colon = strstr(from, "error: ");
    if (colon)
        from = colon + 7;
    size_t size = strcspn(from, "\n");
    if (size && from[size - 1] == '.')
        size--;
    if (size >= sizeof text)
        size = sizeof text - 1;
    memcpy(text, from, size);
    aur_fail(reader->failure, reader->document->file, line,
             "not JSON: %s, correct it here or just before", text);
    if (raw)
        yajl_free_error(reader->parser, raw);
}

static bool parse(struct json_reader *reader, size_t size)
{
    reader->parser = yajl_alloc(&callbacks, NULL, reader);
    if (!reader->parser)
        return aur_fail(reader->failure, reader->document->file, 0,
                        "memory is out, use a smaller file");
    yajl_status status = yajl_parse(reader->parser, (const unsigned char *)reader->bytes, size);
    uint32_t line = line_now(reader);
    if (status == yajl_status_ok)
        status = yajl_complete_parse(reader->parser);
    if (status != yajl_status_ok)
        report(reader, line); // keeps a callback's own failure
    yajl_free(reader->parser);
    free(reader->key);
    return status == yajl_status_ok;
}

bool aur_document_read_json(struct aur_document *document, const char *bytes, size_t size,
                            struct aur_failure *failure)
{
    if (size > AUR_DOCUMENT_BYTES)
        return aur_fail(failure, document->file, 0, "larger than %u MiB, split it",
                        AUR_DOCUMENT_BYTES >> 20);
    if (size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) { // a byte order mark
        bytes += 3;
        size -= 3;
    }
    // `"",` becomes `"":null,`: less than three times as much.
    struct relaxer relaxer = {.in = bytes,
                              .end = bytes + size,
                              .out = malloc(size * 3 + 16),
                              .line = 1,
                              .file = document->file,
                              .failure = failure};
    if (!relaxer.out)
        return aur_fail(failure, document->file, 0, "memory is out, use a smaller file");
    struct json_reader reader = {
        .document = document, .failure = failure, .bytes = relaxer.out, .line = 1};
    bool good = relax(&relaxer) && parse(&reader, relaxer.size);
    free(relaxer.out);
    return good;
}
