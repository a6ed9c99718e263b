#include "experiment/stored.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_LEAST 4

struct search {
    struct aur_stored_summary *summary;
    const char *prefix; // NULL: any run; the last one stays
    uint32_t found;
};

static void copy_run(struct aur_stored_summary *to, const struct aur_stored_run *run)
{
    *to = (struct aur_stored_summary){.id = run->id,
                                      .digest = run->digest,
                                      .inputs_digest = run->inputs_digest,
                                      .seed = run->seed,
                                      .events = run->events,
                                      .end_ns = run->end_ns,
                                      .replication = run->replication,
                                      .trace_chunks = run->trace_chunks,
                                      .wall_seconds = run->wall_seconds};
    snprintf(to->experiment, sizeof to->experiment, "%s", run->experiment);
    snprintf(to->label, sizeof to->label, "%s", run->label);
    snprintf(to->host, sizeof to->host, "%s", run->host);
    snprintf(to->scheduler, sizeof to->scheduler, "%s", run->scheduler);
    snprintf(to->workload, sizeof to->workload, "%s", run->workload);
    snprintf(to->finished, sizeof to->finished, "%s", run->finished);
}

static bool take(void *context, const struct aur_stored_run *run)
{
    struct search *search = context;
    char digest[17];

    snprintf(digest, sizeof digest, "%016llx", (unsigned long long)run->digest);
    if (search->prefix && strncmp(digest, search->prefix, strlen(search->prefix)) != 0)
        return true;
    if (!search->found || search->prefix || run->id > search->summary->id)
        copy_run(search->summary, run);
    search->found++;
    return true;
}

bool aur_stored_summary(struct aur_store *store, int64_t run_id, struct aur_stored_summary *summary,
                        struct aur_failure *failure)
{
    struct search search = {.summary = summary};
    if (!aur_store_select_runs(store, NULL, run_id, take, &search, failure))
        return false;
    return search.found ||
           aur_fail(failure, NULL, 0, "run %lld is not there any more", (long long)run_id);
}

// Different runs may have one digest: they decided the same. Such a prefix names none of them.
static bool find_digest(struct aur_store *store, const char *database, const char *word,
                        struct aur_stored_summary *summary, struct aur_failure *failure)
{
    struct search search = {.summary = summary, .prefix = word};
    if (!aur_store_select_runs(store, NULL, 0, take, &search, failure))
        return false;
    if (search.found == 1)
        return true;
    if (search.found)
        return aur_fail(failure, database, 0,
                        "%u runs have a digest that begins with \"%s\", give more digits or the "
                        "run's number",
                        search.found, word);
    return aur_fail(failure, database, 0,
                    "no run has a digest that begins with \"%s\", see `aurora list runs`", word);
}

bool aur_stored_find(struct aur_store *store, const char *database, const char *word,
                     struct aur_stored_summary *summary, struct aur_failure *failure)
{
    struct search search = {.summary = summary};
    size_t length = strlen(word), decimal = strspn(word, "0123456789");

    if (strcmp(word, "latest") == 0) {
        if (!aur_store_select_runs(store, NULL, 0, take, &search, failure))
            return false;
        return search.found || aur_fail(failure, database, 0,
                                        "holds no run yet: `aurora run EXPERIMENT` makes some");
    }
    if (length && decimal == length && length < 18) {
        int64_t number = strtoll(word, NULL, 10);
        if (number > 0 && !aur_store_select_runs(store, NULL, number, take, &search, failure))
            return false;
        if (search.found)
            return true;
    }
    if (length >= DIGITS_LEAST && length <= 16 && strspn(word, "0123456789abcdef") == length)
        return find_digest(store, database, word, summary, failure);
    return aur_fail(failure, database, 0,
                    length && decimal == length
                        ? "has no run %s, see `aurora list runs`"
                        : "\"%s\" is no run: give its number, the first digits of "
                          "its digest, or `latest`",
                    word);
}
