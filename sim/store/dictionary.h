// Numbers for pairs of strings, in the order of their first appearance: 0, 1, 2, ...
//
// A run names the same few tasks, metrics and units over and over; its buffered rows hold numbers
// instead. For one string alone, the second is "".
#ifndef AURORA_SIM_STORE_DICTIONARY_H
#define AURORA_SIM_STORE_DICTIONARY_H

#include <stddef.h>
#include <stdint.h>

#include "store/rows.h"

#define AUR_DICTIONARY_FULL UINT32_MAX // memory is out

// Invariant: slots has a power of two of entries, at most half of them in use; each holds the
// number + 1 of an entry, found by linear probing from its hash.
struct aur_dictionary {
    struct aur_rows entries;
    struct aur_rows text; // all strings, each with its NUL
    uint32_t *slots;
    uint32_t slot_mask;
    uint32_t latest; // number that was given out last
};

// All zero is an empty dictionary.
void aur_dictionary_free(struct aur_dictionary *dictionary);

// The number of the pair, new or known; AUR_DICTIONARY_FULL without memory.
uint32_t aur_dictionary_number(struct aur_dictionary *dictionary, const char *first,
                               const char *second);

// How many pairs there are: the numbers are 0 .. count - 1.
uint32_t aur_dictionary_count(const struct aur_dictionary *dictionary);

// The strings of number `n` < count, valid until the next new pair.
const char *aur_dictionary_first(const struct aur_dictionary *dictionary, uint32_t n);
const char *aur_dictionary_second(const struct aur_dictionary *dictionary, uint32_t n);

#endif
