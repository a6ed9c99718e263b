// What the tests of experiments share: a folder with two workloads, loading a text as an
// experiment.
#ifndef AURORA_SIM_TESTS_EXPERIMENT_CASES_H
#define AURORA_SIM_TESTS_EXPERIMENT_CASES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "experiment/experiment.h"
#include "tests/run_tests.h"

static char dir[64];
static struct aur_experiment experiment;
static struct aur_failure failure;

static inline const char *path_of(const char *name)
{
    static char path[160];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static inline void put(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

#define HOGS                                                                                       \
    "{\"tasks\": {\"hog\": {\"instance\": 2, \"loop\": -1, \"run\": 5000}},"                       \
    " \"global\": {\"duration\": 1}}"
#define RANDOM                                                                                     \
    "{\"tasks\": {\"a.b\": {\"loop\": -1, \"run\": {\"exponential\": 3000}, \"sleep\": 100}},"     \
    " \"global\": {\"duration\": 1}}"

static inline void setup(void)
{
    strcpy(dir, "/tmp/aurora-experiment-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    put("hogs.json", HOGS);
    put("random.json", RANDOM);
    failure.text[0] = '\0';
}

// Each test runs in a process of its own, so it cleans up at its end.
static inline void clean(void)
{
    static const char *const names[] = {"hogs.json", "random.json", "x.yaml"};
    for (size_t i = 0; i < LENGTH(names); i++)
        unlink(path_of(names[i]));
    rmdir(dir);
}

static inline bool load_with(const char *text, const struct aur_setting *settings, uint32_t count)
{
    failure.text[0] = '\0';
    put("x.yaml", text);
    return aur_experiment_load(&experiment, path_of("x.yaml"), settings, count, NULL, NULL,
                               &failure);
}

static inline void load(const char *text)
{
    bool good = load_with(text, NULL, 0);
    ck_assert_msg(good, "refused: %s", failure.text);
}

static inline void refused(const char *text, const char *line, const char *because)
{
    char place[256];
    snprintf(place, sizeof place, "%s:%s: ", path_of("x.yaml"), line);
    ck_assert_msg(!load_with(text, NULL, 0), "taken: %s", text);
    ck_assert_msg(strncmp(failure.text, place, strlen(place)) == 0, "%s", failure.text);
    ck_assert_msg(strstr(failure.text, because) != NULL, "%s", failure.text);
}

static inline struct aur_inputs resolve(uint32_t run)
{
    struct aur_inputs inputs;
    bool good = aur_experiment_resolve(&experiment, run, &inputs, &failure);
    ck_assert_msg(good, "run %u: %s", run, failure.text);
    return inputs;
}

static inline uint64_t identity(uint32_t run)
{
    struct aur_inputs inputs = resolve(run);
    size_t size;
    uint8_t *bytes = aur_inputs_encode(&inputs, &size);
    uint64_t digest = aur_inputs_digest(bytes, size);
    free(bytes);
    aur_inputs_free(&inputs);
    return digest;
}

#endif
