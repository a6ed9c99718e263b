// Sentences put together in fixed room: what does not fit is cut off.
#ifndef AURORA_POLICY_RULE_SAY_H
#define AURORA_POLICY_RULE_SAY_H

#include <stddef.h>
#include <stdint.h>

struct rule_sentence {
    char *text; // always ended by a zero
    size_t room, used;
};

static inline void aur_rule_say_bytes(struct rule_sentence *to, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size && to->used + 1 < to->room; i++)
        to->text[to->used++] = bytes[i] < ' ' && bytes[i] >= 0 ? ' ' : bytes[i];
    // No half of a character stays.
    if (to->used + 1 >= to->room)
        while (to->used > 0 && (to->text[to->used - 1] & 0x80))
            to->used--;
    to->text[to->used] = '\0';
}

static inline void aur_rule_say(struct rule_sentence *to, const char *words)
{
    size_t size = 0;
    while (words[size])
        size++;
    aur_rule_say_bytes(to, words, size);
}

static inline void aur_rule_say_number(struct rule_sentence *to, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    aur_rule_say_bytes(to, digits + at, sizeof digits - at);
}

#endif
