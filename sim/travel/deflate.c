#include "travel/deflate.h"

#include <stdlib.h>
#include <zlib.h>

// States are mostly zeros and small numbers: the quickest level is within a fifth of the best.
#define LEVEL 1

uint8_t *aur_deflate(const uint8_t *bytes, size_t size, size_t *packed)
{
    uLongf room = compressBound(size);
    uint8_t *out = malloc(room);
    if (!out)
        return NULL;
    if (compress2(out, &room, bytes, size, LEVEL) != Z_OK) {
        free(out);
        return NULL;
    }
    uint8_t *cut = realloc(out, room);
    *packed = room;
    return cut ? cut : out;
}

uint8_t *aur_inflate(const uint8_t *packed, size_t packed_size, size_t most, size_t *size)
{
    uLongf room = most;
    uLong taken = packed_size;
    uint8_t *out = malloc(most + 1);
    if (!out)
        return NULL;
    if (uncompress2(out, &room, packed, &taken) != Z_OK || taken != packed_size) {
        free(out);
        return NULL;
    }
    *size = room;
    return out;
}
