#define _GNU_SOURCE // O_TMPFILE

#include "store/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

void aur_spool_init(struct aur_spool *spool, const char *beside, size_t memory_limit)
{
    *spool = (struct aur_spool){.beside = beside, .memory_limit = memory_limit, .file = -1};
}

void aur_spool_free(struct aur_spool *spool)
{
    if (spool->file >= 0)
        close(spool->file);
    free(spool->memory);
    free(spool->scratch);
}

static bool out_of_memory(const struct aur_spool *spool, struct aur_failure *failure)
{
    return aur_fail(failure, spool->beside, 0, "memory is out");
}

static bool file_failed(const struct aur_spool *spool, struct aur_failure *failure)
{
    return aur_fail(failure, spool->beside, 0,
                    "the temporary file beside it: %s, make room in its folder", strerror(errno));
}

// Not every file system has nameless files: there, one is made and its name removed at once.
static int open_nameless(const char *beside)
{
    const char *slash = strrchr(beside, '/');
    size_t folder = slash ? (size_t)(slash - beside) + 1 : 0;
    static const char pattern[] = "aurora-spool-XXXXXX";
    char *name = malloc(folder + sizeof pattern);

    if (!name)
        return -1;
    memcpy(name, beside, folder);
    memcpy(name + folder, ".", 2);

    int file = open(name, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (file < 0) {
        memcpy(name + folder, pattern, sizeof pattern);
        file = mkostemp(name, O_CLOEXEC);
        if (file >= 0)
            unlink(name);
    }
    free(name);
    return file;
}

static bool add_to_file(struct aur_spool *spool, const uint8_t *bytes, size_t size)
{
    if (spool->file < 0)
        spool->file = open_nameless(spool->beside);
    if (spool->file < 0)
        return false;
    for (size_t done = 0; done < size;) {
        ssize_t wrote =
            pwrite(spool->file, bytes + done, size - done, (off_t)(spool->file_bytes + done));

        if (wrote < 0 && errno != EINTR)
            return false;
        if (wrote > 0)
            done += (size_t)wrote;
    }
    spool->file_bytes += size;
    return true;
}

static bool reserve(uint8_t **buffer, size_t *capacity, size_t wanted, size_t limit)
{
    size_t bytes = *capacity > 0 ? *capacity : 4096;

    if (*capacity >= wanted)
        return true;
    while (bytes < wanted)
        bytes *= 2;
    if (bytes > limit)
        bytes = limit;

    uint8_t *grown = realloc(*buffer, bytes);

    if (!grown)
        return false;
    *buffer = grown;
    *capacity = bytes;
    return true;
}

bool aur_spool_add(struct aur_spool *spool, const uint8_t *bytes, size_t size,
                   struct aur_spool_piece *piece, struct aur_failure *failure)
{
    if (size > spool->memory_limit - spool->memory_used) {
        *piece = (struct aur_spool_piece){spool->memory_limit + spool->file_bytes, size};
        return add_to_file(spool, bytes, size) || file_failed(spool, failure);
    }
    if (!reserve(&spool->memory, &spool->memory_capacity, spool->memory_used + size,
                 spool->memory_limit))
        return out_of_memory(spool, failure);
    *piece = (struct aur_spool_piece){spool->memory_used, size};
    if (size > 0)
        memcpy(spool->memory + spool->memory_used, bytes, size);
    spool->memory_used += size;
    return true;
}

const uint8_t *aur_spool_read(struct aur_spool *spool, struct aur_spool_piece piece,
                              struct aur_failure *failure)
{
    static const uint8_t nothing[1]; // NULL means an error

    if (piece.size == 0)
        return nothing;
    if (piece.offset < spool->memory_limit)
        return spool->memory + piece.offset;
    if (!reserve(&spool->scratch, &spool->scratch_capacity, piece.size, SIZE_MAX)) {
        out_of_memory(spool, failure);
        return NULL;
    }
    for (size_t done = 0; done < piece.size;) {
        ssize_t got = pread(spool->file, spool->scratch + done, piece.size - done,
                            (off_t)(piece.offset - spool->memory_limit + done));

        if (got == 0)
            errno = EIO;
        if (got == 0 || (got < 0 && errno != EINTR)) {
            file_failed(spool, failure);
            return NULL;
        }
        if (got > 0)
            done += (size_t)got;
    }
    return spool->scratch;
}
