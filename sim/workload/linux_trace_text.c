#include "workload/linux_trace_text.h"

#include <string.h>

struct aur_trace_slice aur_trace_trim(struct aur_trace_slice slice)
{
    while (slice.at < slice.end && aur_trace_is_blank(*slice.at))
        slice.at++;
    while (slice.at < slice.end && (aur_trace_is_blank(slice.end[-1]) || slice.end[-1] == '\r'))
        slice.end--;
    return slice;
}

const char *aur_trace_find(struct aur_trace_slice slice, const char *mark)
{
    size_t length = strlen(mark);
    while ((size_t)(slice.end - slice.at) >= length) {
        size_t places = (size_t)(slice.end - slice.at) - length + 1;
        const char *hit = memchr(slice.at, mark[0], places);
        if (!hit || memcmp(hit, mark, length) == 0)
            return hit;
        slice.at = hit + 1;
    }
    return NULL;
}

const char *aur_trace_find_last(struct aur_trace_slice slice, const char *mark)
{
    size_t length = strlen(mark);
    if ((size_t)(slice.end - slice.at) < length)
        return NULL;
    for (const char *at = slice.end - length;; at--) {
        if (*at == mark[0] && memcmp(at, mark, length) == 0)
            return at;
        if (at == slice.at)
            return NULL;
    }
}

bool aur_trace_starts_with(struct aur_trace_slice slice, const char *mark)
{
    size_t length = strlen(mark);
    return (size_t)(slice.end - slice.at) >= length && memcmp(slice.at, mark, length) == 0;
}

bool aur_trace_take_number(struct aur_trace_slice *slice, int64_t low, int64_t high,
                           int64_t *number)
{
    const char *at = slice->at;
    bool negative = low < 0 && at < slice->end && *at == '-';
    at += negative;
    const char *digits = at;
    uint64_t value = 0;
    while (at < slice->end && aur_trace_is_digit(*at)) {
        if (value > (UINT64_MAX >> 1) / 10 - 1)
            return false;
        value = value * 10 + (uint64_t)(*at++ - '0');
    }
    int64_t signed_value = negative ? -(int64_t)value : (int64_t)value;
    if (at == digits || signed_value < low || signed_value > high)
        return false;
    slice->at = at;
    *number = signed_value;
    return true;
}

struct aur_trace_slice aur_trace_take_last_word(struct aur_trace_slice *slice)
{
    struct aur_trace_slice whole = aur_trace_trim(*slice);
    const char *at = whole.end;
    while (at > whole.at && !aur_trace_is_blank(at[-1]))
        at--;
    *slice = aur_trace_trim((struct aur_trace_slice){whole.at, at});
    return (struct aur_trace_slice){at, whole.end};
}
