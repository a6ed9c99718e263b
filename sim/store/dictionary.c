#include "store/dictionary.h"

#include <stdbool.h>
#include <string.h>

#define FIRST_SLOTS 64u

struct entry {
    uint64_t hash;
    size_t text;   // offset of the first string
    size_t second; // offset of the second
};

static struct entry *entry_of(const struct aur_dictionary *dictionary, uint32_t n)
{
    return (struct entry *)dictionary->entries.rows + n;
}

static const char *text_at(const struct aur_dictionary *dictionary, size_t offset)
{
    return (const char *)dictionary->text.rows + offset;
}

// FNV-1a with a last mix, since the low bits choose the slot.
static uint64_t hash_pair(const char *first, const char *second)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (; *first != '\0'; first++)
        hash = (hash ^ (unsigned char)*first) * UINT64_C(0x100000001b3);
    hash = (hash ^ 0xff) * UINT64_C(0x100000001b3);
    for (; *second != '\0'; second++)
        hash = (hash ^ (unsigned char)*second) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 32;
}

static bool is_pair(const struct aur_dictionary *dictionary, uint32_t n, const char *first,
                    const char *second)
{
    return strcmp(aur_dictionary_first(dictionary, n), first) == 0 &&
           strcmp(aur_dictionary_second(dictionary, n), second) == 0;
}

static void place(struct aur_dictionary *dictionary, uint32_t n)
{
    uint32_t slot = (uint32_t)entry_of(dictionary, n)->hash & dictionary->slot_mask;

    while (dictionary->slots[slot] != 0)
        slot = (slot + 1) & dictionary->slot_mask;
    dictionary->slots[slot] = n + 1;
}

static bool grow_slots(struct aur_dictionary *dictionary)
{
    uint32_t count = aur_dictionary_count(dictionary);
    uint32_t wanted = dictionary->slots ? 2 * (dictionary->slot_mask + 1) : FIRST_SLOTS;
    uint32_t *slots = calloc(wanted, sizeof *slots);

    if (wanted == 0 || !slots) {
        free(slots);
        return false;
    }
    free(dictionary->slots);
    dictionary->slots = slots;
    dictionary->slot_mask = wanted - 1;
    for (uint32_t n = 0; n < count; n++)
        place(dictionary, n);
    return true;
}

static bool append_text(struct aur_rows *text, const char *string, size_t *offset)
{
    size_t size = strlen(string) + 1;

    while (text->capacity - text->count < size) {
        if (!aur_rows_grow(text, 1))
            return false;
    }
    *offset = text->count;
    memcpy((char *)text->rows + text->count, string, size);
    text->count += size;
    return true;
}

static uint32_t add(struct aur_dictionary *dictionary, uint64_t hash, const char *first,
                    const char *second)
{
    uint32_t count = aur_dictionary_count(dictionary);
    struct entry entry = {.hash = hash};
    struct entry *added;

    if ((!dictionary->slots || count >= dictionary->slot_mask / 2) && !grow_slots(dictionary))
        return AUR_DICTIONARY_FULL;
    if (!append_text(&dictionary->text, first, &entry.text) ||
        !append_text(&dictionary->text, second, &entry.second) ||
        !(added = aur_rows_add(&dictionary->entries, sizeof entry)))
        return AUR_DICTIONARY_FULL;
    *added = entry;
    place(dictionary, count);
    return count;
}

static uint32_t find(const struct aur_dictionary *dictionary, uint64_t hash, const char *first,
                     const char *second)
{
    if (!dictionary->slots)
        return AUR_DICTIONARY_FULL;
    for (uint32_t slot = (uint32_t)hash & dictionary->slot_mask; dictionary->slots[slot] != 0;
         slot = (slot + 1) & dictionary->slot_mask) {
        uint32_t n = dictionary->slots[slot] - 1;

        if (entry_of(dictionary, n)->hash == hash && is_pair(dictionary, n, first, second))
            return n;
    }
    return AUR_DICTIONARY_FULL;
}

// Whether the pair is one of the two most likely: the latest again, or the one that came after
// it before (each task gives its metrics in the same order).
static bool guess(const struct aur_dictionary *dictionary, const char *first, const char *second,
                  uint32_t *number)
{
    uint32_t count = aur_dictionary_count(dictionary);

    for (*number = dictionary->latest; *number < count && *number <= dictionary->latest + 1;
         ++*number) {
        if (is_pair(dictionary, *number, first, second))
            return true;
    }
    return false;
}

uint32_t aur_dictionary_number(struct aur_dictionary *dictionary, const char *first,
                               const char *second)
{
    uint32_t number;

    if (!guess(dictionary, first, second, &number)) {
        uint64_t hash = hash_pair(first, second);

        number = find(dictionary, hash, first, second);
        if (number == AUR_DICTIONARY_FULL)
            number = add(dictionary, hash, first, second);
    }
    dictionary->latest = number;
    return number;
}

uint32_t aur_dictionary_count(const struct aur_dictionary *dictionary)
{
    return (uint32_t)dictionary->entries.count;
}

const char *aur_dictionary_first(const struct aur_dictionary *dictionary, uint32_t n)
{
    return text_at(dictionary, entry_of(dictionary, n)->text);
}

const char *aur_dictionary_second(const struct aur_dictionary *dictionary, uint32_t n)
{
    return text_at(dictionary, entry_of(dictionary, n)->second);
}

void aur_dictionary_free(struct aur_dictionary *dictionary)
{
    aur_rows_free(&dictionary->entries);
    aur_rows_free(&dictionary->text);
    free(dictionary->slots);
    *dictionary = (struct aur_dictionary){0};
}
