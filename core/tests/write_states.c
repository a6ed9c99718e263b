// Writes what another machine should compute: for every class a state in the middle of a random
// run, the explanation of a decision there, the events that follow with their actions, and the
// state in the end. web/tests/core-states.mjs opens it in WebAssembly.
//
//     write_states FILE
//
// A case is: u32 bytes of the block, of the explanation, of the candidates, of the log; then these
// four and the block at the end. The explanation is the struct up to its pointer, the log is that
// of aurora/log.h, its first record the DISPATCH that is explained.
#include <aurora/explain.h>

#include "step/state.h"
#include "tests/choices.h"
#include "tests/run_tests.h"

#define CHOICES     900
#define RECORDS_MAX 20000u
#define ROOM        128u

static struct {
    uint32_t after_dispatches; // until the case begins
    bool begun;
    unsigned char *block, *scratch;
    struct aur_explanation explanation;
    struct aur_candidate list[ROOM];
    struct aur_record records[RECORDS_MAX];
    uint32_t count;
} now;

static void before(struct host *host, const struct aur_record *event)
{
    if (now.begun || event->kind != AUR_EV_DISPATCH || host->dispatches < now.after_dispatches)
        return;
    memset(&now.explanation, 0, sizeof now.explanation);
    memset(now.list, 0, sizeof now.list);
    now.explanation.list = now.list;
    now.explanation.room = ROOM;
    if (aur_core_explain(host->core, now.scratch, event, &now.explanation) != AUR_OK ||
        now.explanation.total < 2)
        return;
    memcpy(now.block, host->core, host->size);
    now.begun = true;
}

static void after(struct host *host, const struct aur_record *event)
{
    if (!now.begun)
        return;
    MUST(now.count + 1 + host->actions.count < RECORDS_MAX);
    struct aur_record *first = &now.records[now.count++];
    *first = *event;
    first->actions = (uint8_t)host->actions.count;
    memcpy(first + 1, host->actions.list, host->actions.count * sizeof *first);
    now.count += host->actions.count;
}

static void put(FILE *file, const void *bytes, size_t size)
{
    if (fwrite(bytes, 1, size, file) != size)
        abort();
}

// Returns whether the run had a decision among several.
static bool write_case(FILE *file, uint32_t class, uint64_t seed)
{
    struct drive_plan plan = drive_plan(seed, class, CHOICES);
    plan.config.log_mode = AUR_LOG_DIGEST;
    struct host host;
    if (!host_open(&host, &plan.config))
        abort();
    now.after_dispatches = 60;
    now.begun = false;
    now.count = 0;
    now.block = aligned_alloc(64, (host.size + 63) / 64 * 64);
    now.scratch = aligned_alloc(64, (host.size + 63) / 64 * 64);
    host.before = before;
    host.after = after;
    for (uint32_t i = 0; i < plan.count && !host.failure[0]; i++)
        drive_do(&host, &plan.choices[i]);
    if (now.begun) {
        const struct aur_explanation *e = &now.explanation;
        uint32_t sizes[4] = {(uint32_t)host.size, (uint32_t)offsetof(struct aur_explanation, list),
                             e->count * (uint32_t)sizeof *e->list,
                             now.count * (uint32_t)sizeof *now.records};
        put(file, sizes, sizeof sizes);
        put(file, now.block, sizes[0]);
        put(file, e, sizes[1]);
        put(file, e->list, sizes[2]);
        put(file, now.records, sizes[3]);
        put(file, host.core, sizes[0]);
    }
    free(now.block);
    free(now.scratch);
    host_close(&host);
    drive_free(&plan);
    return now.begun;
}

int main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "wb") : NULL;
    if (!file) {
        fprintf(stderr, "usage: write_states FILE\n");
        return 2;
    }
    uint64_t random = 20261122;
    for (uint32_t class = 0; class < aur_class_count(); class ++)
        for (uint32_t cases = 0; cases < 3;)
            cases += write_case(file, class, random_next(&random));
    return fclose(file) == 0 ? 0 : 1;
}
