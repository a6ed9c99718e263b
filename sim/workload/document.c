#include "workload/document.h"

#include <stdlib.h>
#include <string.h>

void aur_document_init(struct aur_document *document, const char *file)
{
    memset(document, 0, sizeof *document);
    if (!file)
        return;
    size_t size = strlen(file) + 1;
    document->file = malloc(size);
    if (document->file)
        memcpy(document->file, file, size);
}

void aur_document_free(struct aur_document *document)
{
    free(document->file);
    free(document->nodes);
    free(document->text);
    memset(document, 0, sizeof *document);
}

// Room for `more` items beyond `count`; arrays double, so that building is linear in the file.
static bool reserve(void **array, uint32_t *room, uint32_t count, uint64_t more, size_t item)
{
    uint64_t wanted = *room ? *room : 64;
    if (count + more <= *room)
        return true;
    while (wanted < count + more)
        wanted *= 2;
    if (wanted > UINT32_MAX / 2)
        return false;
    void *grown = realloc(*array, (size_t)wanted * item);
    if (!grown)
        return false;
    *array = grown;
    *room = (uint32_t)wanted;
    return true;
}

// Offset of a copy of `string`; 0 for NULL, AUR_NONE when memory is out.
static uint32_t keep_text(struct aur_document *document, const char *string)
{
    if (!string)
        return 0;
    size_t size = strlen(string) + 1;
    uint32_t lead = document->text_bytes == 0; // offset 0 is the empty string
    // Aliases of YAML repeat text, hence a limit above that of the file.
    if (document->text_bytes + size > AUR_DOCUMENT_BYTES * 4u ||
        !reserve((void **)&document->text, &document->text_room, document->text_bytes, size + lead,
                 1))
        return AUR_NONE;
    if (lead)
        document->text[document->text_bytes++] = '\0';
    uint32_t offset = document->text_bytes;
    memcpy(document->text + offset, string, size);
    document->text_bytes += (uint32_t)size;
    return offset;
}

uint32_t aur_document_add(struct aur_document *document, uint32_t parent, enum aur_node_kind kind,
                          const char *key, const char *text, uint32_t line)
{
    if (document->node_count >= AUR_DOCUMENT_NODES ||
        !reserve((void **)&document->nodes, &document->node_room, document->node_count, 1,
                 sizeof *document->nodes))
        return AUR_NONE;
    uint32_t key_at = keep_text(document, key), text_at = keep_text(document, text);
    if (key_at == AUR_NONE || text_at == AUR_NONE)
        return AUR_NONE;

    uint32_t index = document->node_count++;
    document->nodes[index] = (struct aur_node){.kind = (uint8_t)kind,
                                               .line = line,
                                               .key = key_at,
                                               .text = text_at,
                                               .first = AUR_NONE,
                                               .last = AUR_NONE,
                                               .next = AUR_NONE};
    if (parent != AUR_NONE) {
        struct aur_node *holder = &document->nodes[parent];
        if (holder->last == AUR_NONE)
            holder->first = index;
        else
            document->nodes[holder->last].next = index;
        holder->last = index;
    }
    return index;
}

static const char *text_at(const struct aur_document *document, uint32_t offset)
{
    return offset ? document->text + offset : "";
}

const char *aur_document_key(const struct aur_document *document, const struct aur_node *node)
{
    return text_at(document, node->key);
}

const char *aur_document_text(const struct aur_document *document, const struct aur_node *node)
{
    return text_at(document, node->text);
}

static const struct aur_node *node_at(const struct aur_document *document, uint32_t index)
{
    return index == AUR_NONE ? NULL : &document->nodes[index];
}

const struct aur_node *aur_document_root(const struct aur_document *document)
{
    return document->node_count ? document->nodes : NULL;
}

const struct aur_node *aur_document_child(const struct aur_document *document,
                                          const struct aur_node *node)
{
    return node_at(document, node->first);
}

const struct aur_node *aur_document_next(const struct aur_document *document,
                                         const struct aur_node *node)
{
    return node_at(document, node->next);
}

const struct aur_node *aur_document_find(const struct aur_document *document,
                                         const struct aur_node *map, const char *key)
{
    if (map->kind != AUR_NODE_MAP)
        return NULL;
    const struct aur_node *node = aur_document_child(document, map);
    while (node && strcmp(aur_document_key(document, node), key) != 0)
        node = aur_document_next(document, node);
    return node;
}
