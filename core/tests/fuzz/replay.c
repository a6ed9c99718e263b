// Gives a fuzz target the files named, or all of the folders named: the corpus without a fuzzer.
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    static uint8_t bytes[1 << 20];
    if (!file) {
        perror(path);
        exit(1);
    }
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    // A copy of just that size, so that a sanitizer sees where it ends.
    uint8_t *copy = malloc(size + !size);
    for (size_t i = 0; copy && i < size; i++)
        copy[i] = bytes[i];
    if (copy)
        LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    return 1;
}

static unsigned replay(const char *path)
{
    unsigned count = 0;
    DIR *folder = opendir(path);
    if (!folder)
        return replay_file(path);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char inner[4096];
        struct stat about;
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (stat(inner, &about) == 0 && S_ISREG(about.st_mode))
            count += replay_file(inner);
    }
    closedir(folder);
    return count;
}

int main(int count, char **paths)
{
    unsigned inputs = 0;
    for (int i = 1; i < count; i++)
        inputs += replay(paths[i]);
    printf("%u inputs without a finding\n", inputs);
    return inputs == 0;
}
