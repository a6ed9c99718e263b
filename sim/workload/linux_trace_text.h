// Slices of a trace's text and what can be read from them. Nothing here reads beyond `end`.
#ifndef AURORA_SIM_LINUX_TRACE_TEXT_H
#define AURORA_SIM_LINUX_TRACE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aur_trace_slice {
    const char *at;
    const char *end;
};

static inline bool aur_trace_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool aur_trace_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

// Without the blanks at both ends; a carriage return at the end goes too.
struct aur_trace_slice aur_trace_trim(struct aur_trace_slice slice);

// Where the zero-ended mark begins for the first, or last, time; NULL if nowhere.
const char *aur_trace_find(struct aur_trace_slice slice, const char *mark);
const char *aur_trace_find_last(struct aur_trace_slice slice, const char *mark);

bool aur_trace_starts_with(struct aur_trace_slice slice, const char *mark);

// Takes a decimal number off the front: a minus sign if `low` is negative, then digits. False,
// and nothing taken, if there is none or it is below low or above high.
bool aur_trace_take_number(struct aur_trace_slice *slice, int64_t low, int64_t high,
                           int64_t *number);

// Takes the word before the last blanks off the back, with them; empty if there is no word.
struct aur_trace_slice aur_trace_take_last_word(struct aur_trace_slice *slice);

#endif
