// zlib streams, as a browser's DecompressionStream('deflate') reads them, too.
#ifndef AURORA_SIM_TRAVEL_DEFLATE_H
#define AURORA_SIM_TRAVEL_DEFLATE_H

#include <stddef.h>
#include <stdint.h>

// Packs bytes[0 .. size); *packed bytes, to be freed. NULL when memory is out.
uint8_t *aur_deflate(const uint8_t *bytes, size_t size, size_t *packed);

// Unpacks a stream, from anywhere, that must give at most `most` bytes; *size of them, to be freed.
// NULL if it is damaged, cut, longer, or memory is out.
uint8_t *aur_inflate(const uint8_t *packed, size_t packed_size, size_t most, size_t *size);

#endif
