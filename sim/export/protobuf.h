// Writes protocol buffers (protobuf.dev/programming-guides/encoding): messages grow in memory
// until they are complete, because their length comes first.
#ifndef AURORA_SIM_EXPORT_PROTOBUF_H
#define AURORA_SIM_EXPORT_PROTOBUF_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// A message in the making. All zero is an empty one.
struct aur_proto {
    uint8_t *bytes;
    size_t size, room;
    bool lost; // memory was out, and something is missing
};

enum aur_proto_wire {
    AUR_PROTO_VARINT = 0,
    AUR_PROTO_BYTES = 2
};

static inline void aur_proto_free(struct aur_proto *message)
{
    free(message->bytes);
    *message = (struct aur_proto){0};
}

// Makes it empty and keeps its memory.
static inline void aur_proto_clear(struct aur_proto *message)
{
    message->size = 0;
}

static inline void aur_proto_raw(struct aur_proto *message, const void *bytes, size_t size)
{
    if (size == 0)
        return;
    if (message->room - message->size < size) {
        size_t room = message->room ? message->room : 64;
        while (room - message->size < size)
            room *= 2;
        uint8_t *grown = realloc(message->bytes, room);
        if (!grown) {
            message->lost = true;
            return;
        }
        message->bytes = grown;
        message->room = room;
    }
    memcpy(message->bytes + message->size, bytes, size);
    message->size += size;
}

static inline void aur_proto_number(struct aur_proto *message, uint64_t value)
{
    uint8_t bytes[10];
    size_t size = 0;
    for (; value >= 0x80; value >>= 7)
        bytes[size++] = (uint8_t)(value | 0x80);
    bytes[size++] = (uint8_t)value;
    aur_proto_raw(message, bytes, size);
}

// A field of type uint32, uint64, bool or enum; int32 and int64 as their 64 bits.
static inline void aur_proto_uint(struct aur_proto *message, uint32_t field, uint64_t value)
{
    aur_proto_number(message, (uint64_t)field << 3 | AUR_PROTO_VARINT);
    aur_proto_number(message, value);
}

static inline void aur_proto_int(struct aur_proto *message, uint32_t field, int64_t value)
{
    aur_proto_uint(message, field, (uint64_t)value);
}

static inline void aur_proto_bytes(struct aur_proto *message, uint32_t field, const void *bytes,
                                   size_t size)
{
    aur_proto_number(message, (uint64_t)field << 3 | AUR_PROTO_BYTES);
    aur_proto_number(message, size);
    aur_proto_raw(message, bytes, size);
}

static inline void aur_proto_string(struct aur_proto *message, uint32_t field, const char *text)
{
    aur_proto_bytes(message, field, text, strlen(text));
}

static inline void aur_proto_message(struct aur_proto *message, uint32_t field,
                                     const struct aur_proto *inner)
{
    aur_proto_bytes(message, field, inner->bytes, inner->size);
    message->lost |= inner->lost;
}

#endif
