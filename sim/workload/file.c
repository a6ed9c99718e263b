#include "workload/file.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define CHUNK_BYTES ((size_t)65536)
// inflateInit2: the largest window, and a gzip header (zlib.h).
#define GZIP_WINDOW (MAX_WBITS + 16)

struct buffer {
    char *bytes;
    size_t size, room;
};

static bool too_large(const char *path, struct aur_failure *failure)
{
    return aur_fail(failure, path, 0, "larger than %zu MiB unpacked, cut it into parts",
                    AUR_FILE_BYTES_MAX >> 20);
}

static bool out_of_memory(const char *path, struct aur_failure *failure)
{
    return aur_fail(failure, path, 0, "memory is out, use a smaller file");
}

// Room for one more chunk and the closing zero.
static bool reserve_chunk(struct buffer *buffer, const char *path, struct aur_failure *failure)
{
    if (buffer->size > AUR_FILE_BYTES_MAX)
        return too_large(path, failure);
    if (buffer->room - buffer->size > CHUNK_BYTES)
        return true;
    size_t room = buffer->room * 2 + CHUNK_BYTES + 1;
    char *grown = realloc(buffer->bytes, room);
    if (!grown)
        return out_of_memory(path, failure);
    buffer->bytes = grown;
    buffer->room = room;
    return true;
}

static bool read_plain(FILE *file, struct buffer *buffer, const char *path,
                       struct aur_failure *failure)
{
    for (;;) {
        if (!reserve_chunk(buffer, path, failure))
            return false;
        size_t got = fread(buffer->bytes + buffer->size, 1, CHUNK_BYTES, file);
        buffer->size += got;
        if (got == CHUNK_BYTES)
            continue;
        if (ferror(file))
            return aur_fail(failure, path, 0, "cannot be read (%s), check the file",
                            strerror(errno));
        return buffer->size <= AUR_FILE_BYTES_MAX || too_large(path, failure);
    }
}

// Unpacks all members of the file one after the other, as gzip does; zeros after the last member
// are padding.
static bool unpack(z_stream *stream, const struct buffer *packed, struct buffer *buffer,
                   bool *truncated, const char *path, struct aur_failure *failure)
{
    stream->next_in = (Bytef *)packed->bytes;
    size_t left = packed->size;
    for (;;) {
        if (!reserve_chunk(buffer, path, failure))
            return false;
        uInt given = left < CHUNK_BYTES ? (uInt)left : (uInt)CHUNK_BYTES;
        stream->avail_in = given;
        stream->next_out = (Bytef *)buffer->bytes + buffer->size;
        stream->avail_out = (uInt)CHUNK_BYTES;
        int status = inflate(stream, Z_NO_FLUSH);
        left -= given - stream->avail_in;
        size_t made = CHUNK_BYTES - stream->avail_out;
        buffer->size += made;
        if (status == Z_STREAM_END) {
            while (left && *stream->next_in == 0) {
                stream->next_in++;
                left--;
            }
            if (!left)
                return buffer->size <= AUR_FILE_BYTES_MAX || too_large(path, failure);
            if (inflateReset(stream) != Z_OK)
                return out_of_memory(path, failure);
        } else if (status == Z_MEM_ERROR) {
            return out_of_memory(path, failure);
        } else if (status != Z_OK && status != Z_BUF_ERROR) {
            return aur_fail(failure, path, 0, "damaged gzip (%s), copy or compress it again",
                            stream->msg ? stream->msg : "bad data");
        } else if (!left && !made) {
            *truncated = true;
            if (!buffer->size)
                return aur_fail(failure, path, 0,
                                "gzip cut off before its first byte, copy the file again");
            return buffer->size <= AUR_FILE_BYTES_MAX || too_large(path, failure);
        }
    }
}

static bool is_gzip(const struct buffer *buffer)
{
    return buffer->size >= 2 && memcmp(buffer->bytes, "\x1f\x8b", 2) == 0;
}

static bool read_all(FILE *file, struct buffer *buffer, bool *truncated, const char *path,
                     struct aur_failure *failure)
{
    if (!read_plain(file, buffer, path, failure))
        return false;
    if (!is_gzip(buffer))
        return true;
    struct buffer unpacked = {0};
    z_stream stream = {0};
    bool good = inflateInit2(&stream, GZIP_WINDOW) == Z_OK || out_of_memory(path, failure);
    if (good) {
        good = unpack(&stream, buffer, &unpacked, truncated, path, failure);
        inflateEnd(&stream);
    }
    free(buffer->bytes);
    *buffer = unpacked;
    return good;
}

bool aur_file_read(const char *path, char **bytes, size_t *size, bool *truncated,
                   struct aur_failure *failure)
{
    struct buffer buffer = {0};
    *bytes = NULL;
    *size = 0;
    *truncated = false;
    FILE *file = fopen(path, "rb");
    if (!file)
        return aur_fail(failure, path, 0, "cannot be opened (%s), check the path", strerror(errno));
    bool good = read_all(file, &buffer, truncated, path, failure);
    fclose(file);
    if (!good) {
        free(buffer.bytes);
        return false;
    }
    buffer.bytes[buffer.size] = '\0';
    *bytes = buffer.bytes;
    *size = buffer.size;
    return true;
}
