// A short run of a fuzz target for `make check`, without libFuzzer: each file of its corpus
// (corpus/NAME beside the source), and some thousand mutations of them. tests/fuzz.sh runs the real
// thing.
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/run_tests.h"

#define MOST      (1u << 16)
#define MUTATIONS 3000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t read_file(const char *folder, const char *name, uint8_t *bytes)
{
    char path[8192];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    size_t size = file ? fread(bytes, 1, MOST, file) : 0;
    if (file)
        fclose(file);
    return size;
}

// Bits are flipped, bytes set, cut out or doubled.
static size_t mutate(uint64_t *random, uint8_t *bytes, size_t size)
{
    for (uint64_t times = 1 + random_below(random, 6); times > 0 && size > 1; times--) {
        size_t at = (size_t)random_below(random, size),
               length = 1 + (size_t)random_below(random, 8);
        length = length < size - at ? length : size - at;
        switch (random_below(random, 4)) {
        case 0:
            bytes[at] ^= (uint8_t)(1u << random_below(random, 8));
            break;
        case 1:
            bytes[at] = (uint8_t)random_next(random);
            break;
        case 2:
            memmove(bytes + at, bytes + at + length, size - at - length);
            size -= length;
            break;
        default:
            if (size + length <= MOST) {
                memmove(bytes + at + length, bytes + at, size - at);
                size += length;
            }
            break;
        }
    }
    return size;
}

int main(void)
{
    static uint8_t bytes[MOST], changed[MOST];
    char folder[4096];
    const char *source = getenv("AUR_SRCDIR");
    uint64_t random = random_seed(20261201);
    uint32_t files = 0;
    snprintf(folder, sizeof folder, "%s/core/tests/fuzz/corpus/" TARGET, source ? source : ".");
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        size_t size = entry->d_name[0] == '.' ? 0 : read_file(folder, entry->d_name, bytes);
        if (size == 0)
            continue;
        files++;
        LLVMFuzzerTestOneInput(bytes, size);
        for (uint32_t i = 0; i < MUTATIONS; i++) {
            memcpy(changed, bytes, size);
            LLVMFuzzerTestOneInput(changed, mutate(&random, changed, size));
        }
    }
    if (dir)
        closedir(dir);
    printf("%u files of %s, %u mutations each\n", files, folder, MUTATIONS);
    return files ? 0 : 1;
}
