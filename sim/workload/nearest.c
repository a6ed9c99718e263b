// "Did you mean": the known word nearest to what was written.
#include "workload/document.h"

#include <string.h>

#define WORD_MAX 63u

static char folded(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c == '_' ? '-' : c);
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

// Optimal string alignment: insertions, deletions, substitutions, and swaps of neighbours.
static uint32_t distance(const char *a, size_t length_a, const char *b, size_t length_b)
{
    uint32_t rows[3][WORD_MAX + 1];
    uint32_t *before = rows[0], *above = rows[1], *row = rows[2];

    for (uint32_t j = 0; j <= length_b; j++)
        above[j] = j;
    for (uint32_t i = 1; i <= length_a; i++) {
        row[0] = i;
        for (uint32_t j = 1; j <= length_b; j++) {
            char x = folded(a[i - 1]), y = folded(b[j - 1]);
            uint32_t cost = least(above[j], row[j - 1]) + 1;
            cost = least(cost, above[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == folded(b[j - 2]) && folded(a[i - 2]) == y)
                cost = least(cost, before[j - 2] + 1);
            row[j] = cost;
        }
        uint32_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[length_b];
}

const char *aur_document_nearest(const char *word, const char *const *names)
{
    const char *best = NULL;
    uint32_t best_distance = 0;
    size_t length = strlen(word);

    if (!length || length > WORD_MAX)
        return NULL;
    for (; *names; names++) {
        size_t name_length = strlen(*names);
        if (name_length > WORD_MAX)
            continue;
        uint32_t far = distance(word, length, *names, name_length);
        // A shortened word, "prio", is meant more often than one with two other letters.
        if (length >= 3 && strncmp(word, *names, length) == 0)
            far = least(far, 1);
        // A third of the word may be wrong; beyond that a guess confuses more than it helps.
        size_t longer = length > name_length ? length : name_length;
        if (far >= longer || (far > longer / 3 && far > 1))
            continue;
        if (!best || far < best_distance) {
            best = *names;
            best_distance = far;
        }
    }
    return best;
}
