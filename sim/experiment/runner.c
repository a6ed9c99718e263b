#include "experiment/runner.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "experiment/worker.h"
#include "store/store.h"

#define TICK_NS 100000000 // of the progress display

struct gang {
    struct aur_runner *runner;
    struct aur_experiment *experiment;
    const struct aur_runner_options *options;
    struct aur_worker_board *board;
    pid_t *workers; // 0: none
    uint32_t jobs;
    int64_t experiment_id;
    int64_t first_id; // of the runs, in the order of the grid
    sigset_t before;  // signal mask of the caller
    double started;
    bool *told; // runs whose end the observer knows
    uint32_t told_count;
    uint32_t first_open;              // all runs before it are told
    struct aur_grid_progress settled; // sums over them
    struct aur_grid_progress progress;
};

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool is_over(uint32_t state)
{
    return state != AUR_RUN_WAITING && state != AUR_RUN_RUNNING;
}

// Adds what is known of the runs that have begun: of those below first_open once for all.
static void look(struct gang *gang)
{
    struct aur_grid_progress *progress = &gang->progress;
    uint32_t begun = atomic_load(&gang->board->next);

    *progress = gang->settled;
    progress->seconds = seconds_now() - gang->started;
    for (uint32_t run = gang->first_open; run < gang->runner->runs && run < begun; run++) {
        struct aur_run_slot *slot = &gang->runner->slots[run];
        uint32_t state = atomic_load(&slot->state);
        progress->events += atomic_load(&slot->events);
        progress->finished += is_over(state);
        progress->skipped += state == AUR_RUN_SKIPPED;
        progress->done += is_over(state);
        if (state == AUR_RUN_RUNNING) {
            uint64_t end_ns = atomic_load(&slot->end_ns);
            progress->newest = run;
            if (end_ns)
                progress->done += (double)atomic_load(&slot->now_ns) / (double)end_ns;
        }
    }
}

static void settle(struct gang *gang)
{
    while (gang->first_open < gang->runner->runs && gang->told[gang->first_open]) {
        struct aur_run_slot *slot = &gang->runner->slots[gang->first_open++];
        gang->settled.finished++;
        gang->settled.done += 1;
        gang->settled.skipped += slot->state == AUR_RUN_SKIPPED;
        gang->settled.events += atomic_load(&slot->events);
    }
}

static void tell(struct gang *gang)
{
    const struct aur_runner_observer *observer = &gang->options->observer;
    uint32_t begun = atomic_load(&gang->board->next);

    look(gang);
    for (uint32_t run = gang->first_open; run < gang->runner->runs && run < begun; run++) {
        struct aur_run_slot *slot = &gang->runner->slots[run];
        if (gang->told[run] || !is_over(atomic_load(&slot->state)))
            continue;
        struct aur_grid_progress then = gang->progress;
        gang->told[run] = true;
        then.finished = ++gang->told_count;
        if (observer->finished)
            observer->finished(observer->context, &then, run, slot);
    }
    settle(gang);
    if (observer->tick)
        observer->tick(observer->context, &gang->progress);
}

static bool start_worker(struct gang *gang, uint32_t number)
{
    atomic_store(&gang->board->run[number], AUR_NONE);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        signal(SIGINT, SIG_IGN); // a terminal sends it to all: the parent decides what follows
        signal(SIGTERM, SIG_DFL);
        sigprocmask(SIG_SETMASK, &gang->before, NULL);
        struct aur_worker worker = {.experiment = gang->experiment,
                                    .slots = gang->runner->slots,
                                    .runs = gang->runner->runs,
                                    .board = gang->board,
                                    .number = number,
                                    .parent = parent,
                                    .database = gang->options->database,
                                    .experiment_id = gang->experiment_id,
                                    .first_id = gang->first_id,
                                    .trace = gang->options->trace,
                                    .snapshot_every = gang->options->snapshot_every,
                                    .resume = gang->options->resume};
        _exit(aur_worker_main(&worker));
    }
    gang->workers[number] = pid > 0 ? pid : 0;
    return pid > 0;
}

static bool runs_left(const struct gang *gang)
{
    return !atomic_load(&gang->board->stop) && atomic_load(&gang->board->next) < gang->runner->runs;
}

static void bury(struct gang *gang, uint32_t number, int status)
{
    uint32_t run = atomic_load(&gang->board->run[number]);
    gang->workers[number] = 0;
    if (gang->runner->interrupted || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
        return;
    if (run != AUR_NONE && !is_over(atomic_load(&gang->runner->slots[run].state))) {
        struct aur_run_slot *slot = &gang->runner->slots[run];
        if (WIFSIGNALED(status))
            snprintf(slot->text, sizeof slot->text, "the worker died of signal %d (%s)",
                     WTERMSIG(status), strsignal(WTERMSIG(status)));
        else
            snprintf(slot->text, sizeof slot->text, "the worker ended with status %d",
                     WEXITSTATUS(status));
        atomic_store(&slot->state, AUR_RUN_CRASHED);
    }
    if (runs_left(gang))
        start_worker(gang, number);
}

static uint32_t reap(struct gang *gang)
{
    uint32_t alive = 0;
    for (uint32_t i = 0; i < gang->jobs; i++) {
        int status;
        if (gang->workers[i] && waitpid(gang->workers[i], &status, WNOHANG) == gang->workers[i])
            bury(gang, i, status);
        alive += gang->workers[i] != 0;
    }
    return alive;
}

static void interrupt(struct gang *gang, int by)
{
    gang->runner->interrupted = by;
    atomic_store(&gang->board->stop, 1);
    for (uint32_t i = 0; i < gang->jobs; i++)
        if (gang->workers[i])
            kill(gang->workers[i], SIGTERM);
}

// Runs that nobody took, or that a worker took but had not begun when it died.
static void count_out(struct gang *gang)
{
    for (uint32_t run = 0; run < gang->runner->runs; run++) {
        struct aur_run_slot *slot = &gang->runner->slots[run];
        if (is_over(atomic_load(&slot->state)))
            continue;
        snprintf(slot->text, sizeof slot->text, "no worker was left to do it");
        atomic_store(&slot->state, AUR_RUN_CRASHED);
    }
    atomic_store(&gang->board->next, gang->runner->runs);
    tell(gang);
}

static bool work(struct gang *gang, struct aur_failure *failure)
{
    struct timespec tick = {0, TICK_NS};
    sigset_t waited;
    uint32_t alive = 0;

    sigemptyset(&waited);
    sigaddset(&waited, SIGCHLD);
    sigaddset(&waited, SIGINT);
    sigaddset(&waited, SIGTERM);
    sigprocmask(SIG_BLOCK, &waited, &gang->before);
    for (uint32_t i = 0; i < gang->jobs; i++)
        alive += start_worker(gang, i);
    bool good = alive > 0;
    if (!good)
        aur_fail(failure, NULL, 0, "no worker can be started: %s", strerror(errno));
    while (alive) {
        int got = sigtimedwait(&waited, NULL, &tick);
        if (got == SIGINT || got == SIGTERM)
            interrupt(gang, got);
        alive = reap(gang);
        tell(gang);
    }
    if (good && !atomic_load(&gang->board->stop))
        count_out(gang);
    sigprocmask(SIG_SETMASK, &gang->before, NULL);
    return good;
}

// The parent's own connection is closed before the first fork: SQLite forbids carrying one over.
static bool enter_experiment(struct gang *gang, struct aur_failure *failure)
{
    struct aur_store *store;
    if (!aur_store_open(&store, gang->options->database, AUR_STORE_WRITE, failure))
        return false;
    bool good = aur_store_put_experiment(store, gang->experiment->name, gang->experiment->text,
                                         &gang->experiment_id, failure) &&
                aur_store_next_run(store, &gang->first_id, failure);
    aur_store_close(store);
    return good;
}

static void *shared(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

bool aur_runner_run(struct aur_runner *runner, struct aur_experiment *experiment,
                    const struct aur_runner_options *options, struct aur_failure *failure)
{
    struct gang gang = {.runner = runner, .experiment = experiment, .options = options};
    size_t board_bytes;
    bool good = false;

    memset(runner, 0, sizeof *runner);
    runner->runs = aur_experiment_runs(experiment);
    runner->bytes = sizeof *runner->slots * runner->runs;
    gang.jobs = options->jobs < runner->runs ? options->jobs : runner->runs;
    board_bytes = sizeof *gang.board + gang.jobs * sizeof gang.board->run[0];
    if (!enter_experiment(&gang, failure))
        return false;
    runner->slots = shared(runner->bytes);
    gang.board = shared(board_bytes);
    gang.workers = calloc(gang.jobs, sizeof *gang.workers);
    gang.told = calloc(runner->runs, sizeof *gang.told);
    gang.started = seconds_now();
    gang.settled = (struct aur_grid_progress){.runs = runner->runs, .newest = AUR_NONE};
    if (!runner->slots || !gang.board || !gang.workers || !gang.told)
        aur_fail(failure, NULL, 0, "memory is out");
    else
        good = work(&gang, failure);
    free(gang.workers);
    free(gang.told);
    if (gang.board)
        munmap(gang.board, board_bytes);
    if (!good)
        aur_runner_free(runner);
    return good;
}

void aur_runner_free(struct aur_runner *runner)
{
    if (runner->slots)
        munmap(runner->slots, runner->bytes);
    memset(runner, 0, sizeof *runner);
}

uint32_t aur_runner_count(const struct aur_runner *runner, enum aur_run_state state)
{
    uint32_t count = 0;
    for (uint32_t run = 0; run < runner->runs; run++)
        count += atomic_load(&runner->slots[run].state) == state;
    return count;
}
