#include "store/patience.h"

#include <time.h>
#include <unistd.h>

#define SHORTEST_SLEEP_NS 100000u
#define LONGEST_SLEEP_NS  20000000u

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

// xorshift64 (Marsaglia, 2003).
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static int wait_a_little(void *context, int waits)
{
    struct aur_patience *patience = context;
    uint64_t most = LONGEST_SLEEP_NS;

    if (waits == 0)
        patience->since_ns = now_ns();
    else if (now_ns() - patience->since_ns > patience->limit_ns)
        return 0;
    if (waits < 8 && (uint64_t)SHORTEST_SLEEP_NS << waits < most)
        most = (uint64_t)SHORTEST_SLEEP_NS << waits;

    uint64_t sleep = most / 2 + next_random(&patience->random) % most;

    nanosleep(&(struct timespec){.tv_nsec = (long)sleep}, NULL);
    return 1;
}

void aur_patience_install(struct aur_patience *patience, sqlite3 *db)
{
    patience->limit_ns = AUR_PATIENCE_NS;
    patience->random = (now_ns() ^ (uint64_t)getpid() << 32) | 1;
    sqlite3_busy_handler(db, wait_a_little, patience);
}
