// aurora verify: proves that stored runs can be made again, bit by bit.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/command.h"
#include "cli/quantity.h"
#include "cli/table.h"
#include "experiment/log_file.h"
#include "experiment/stored.h"
#include "experiment/verify.h"
#include "store/store.h"
#include "workload/file.h"

static const struct aur_option options[] = {
    AUR_OPTION_DB,
    AUR_OPTION_JSON,
    {NULL, 0, NULL, NULL},
};

struct verifying {
    const char *database;
    struct aur_store *store; // opened at the first run
    struct aur_table table;
    bool json;
    int status;
};

static void tell(struct verifying *of, const char *name, const struct aur_verdict *verdict)
{
    char events[32], took[32];

    if (!verdict->same) {
        of->status = AUR_EXIT_DIFFERENT;
        fprintf(stderr, "aurora: %s: %s\n", name, verdict->difference.text);
    }
    aur_table_row(&of->table);
    aur_table_text(&of->table, name);
    aur_table_text(&of->table, verdict->same ? "same" : "different");
    snprintf(events, sizeof events, "%016llx", (unsigned long long)verdict->digest);
    aur_table_text(&of->table, events);
    aur_table_number(&of->table, (double)verdict->events);
    aur_table_number(&of->table, (double)verdict->records);
    aur_table_number(&of->table, verdict->metrics);
    aur_table_text(&of->table, verdict->difference.text);
    if (of->json || !verdict->same)
        return;
    printf("%s: same, digest %016llx, %s events", name, (unsigned long long)verdict->digest,
           aur_quantity((double)verdict->events, "count", events, sizeof events));
    if (verdict->records)
        printf(", %llu records of the trace", (unsigned long long)verdict->records);
    if (verdict->snapshots)
        printf(", %u snapshot%s", verdict->snapshots, verdict->snapshots == 1 ? "" : "s");
    if (verdict->metrics)
        printf(", %u metrics", verdict->metrics);
    printf(" in %s\n", aur_quantity(verdict->wall_seconds * 1e9, "ns", took, sizeof took));
}

static bool verify_log(struct verifying *of, const char *path, struct aur_failure *failure)
{
    struct aur_verdict verdict;
    bool truncated, good;
    char *bytes;
    size_t size;

    if (!aur_file_read(path, &bytes, &size, &truncated, failure))
        return false;
    if (!aur_log_file_detect((const uint8_t *)bytes, size))
        good = aur_fail(failure, path, 0,
                        "is no log, `aurora export RUN --format log -o FILE` makes one");
    else
        good =
            aur_log_file_verify(path, (const uint8_t *)bytes, size, NULL, NULL, &verdict, failure);
    free(bytes);
    if (good)
        tell(of, path, &verdict);
    return good;
}

static bool open_store(struct verifying *of, struct aur_failure *failure)
{
    return of->store || aur_store_open(&of->store, of->database, AUR_STORE_READ, failure);
}

static bool verify_run(struct verifying *of, const char *word, struct aur_failure *failure)
{
    struct aur_stored_summary run;
    struct aur_verdict verdict;
    char name[640];

    if (!open_store(of, failure) ||
        !aur_stored_find(of->store, of->database, word, &run, failure) ||
        !aur_verify_run(of->store, &run, NULL, NULL, &verdict, failure))
        return false;
    snprintf(name, sizeof name, "run %lld (%s)", (long long)run.id, run.label);
    tell(of, name, &verdict);
    return true;
}

struct numbers {
    int64_t *ids;
    size_t count, room;
    bool lost;
};

static bool add_number(void *context, const struct aur_stored_run *run)
{
    struct numbers *numbers = context;
    if (numbers->count == numbers->room) {
        size_t room = numbers->room ? numbers->room * 2 : 64;
        int64_t *grown = realloc(numbers->ids, room * sizeof *grown);
        if (!grown) {
            numbers->lost = true;
            return false;
        }
        numbers->ids = grown;
        numbers->room = room;
    }
    numbers->ids[numbers->count++] = run->id;
    return true;
}

static bool verify_all(struct verifying *of, struct aur_failure *failure)
{
    struct numbers numbers = {NULL, 0, 0, false};
    bool good = open_store(of, failure) &&
                aur_store_select_runs(of->store, NULL, 0, add_number, &numbers, failure);
    if (numbers.lost)
        good = aur_fail(failure, NULL, 0, "memory is out");
    for (size_t i = 0; i < numbers.count && good; i++) {
        char word[24];
        snprintf(word, sizeof word, "%lld", (long long)numbers.ids[i]);
        good = verify_run(of, word, failure);
    }
    free(numbers.ids);
    return good;
}

static int verify(const struct aur_arguments *arguments)
{
    struct verifying of = {.database = aur_arguments_database(arguments),
                           .json = aur_arguments_flag(arguments, "json")};
    static const char *const columns[] = {"run", "verdict", "digest"};
    struct aur_failure failure = {{0}};
    bool good = true;

    for (size_t i = 0; i < 3; i++)
        aur_table_column(&of.table, columns[i], "");
    aur_table_column(&of.table, "events", "count");
    aur_table_column(&of.table, "records", "count");
    aur_table_column(&of.table, "metrics", "count");
    aur_table_column(&of.table, "difference", "");
    for (uint32_t i = 0; i < arguments->operands && good; i++) {
        const char *word = aur_arguments_operand(arguments, i);
        struct stat status;
        if (strcmp(word, "all") == 0)
            good = verify_all(&of, &failure);
        else if (strspn(word, "0123456789abcdef") != strlen(word) && strcmp(word, "latest") != 0 &&
                 (strchr(word, '/') || strchr(word, '.') || stat(word, &status) == 0))
            good = verify_log(&of, word, &failure);
        else
            good = verify_run(&of, word, &failure);
    }
    if (of.json && good)
        aur_table_print(&of.table, true);
    aur_table_free(&of.table);
    aur_store_close(of.store);
    return good ? of.status : aur_command_fail(&failure);
}

const struct aur_command aur_command_verify = {
    "verify",
    "RUN|LOG|all...",
    "Executes stored runs again and compares everything",
    "RUN is a number, the first digits of a digest, or `latest`; LOG a file of `aurora export\n"
    "--format log`; `all` means every run of the database. Compared are the inputs, each record\n"
    "of the trace if there is one, its snapshots, the digest, the metrics and the histograms. Exit "
    "status 1 if\n"
    "anything differs; the first difference is named.",
    options,
    1,
    64,
    verify,
};
