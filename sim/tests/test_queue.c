// The event queue against a slow and obvious twin.
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <aurora/limits.h>

#include "engine/queue.h"
#include "engine/random.h"
#include "tests/run_tests.h"

#define MOST_SOURCES 1500u

// Check writes a file for every assertion that holds, too slow for millions of them.
#define SAME(a, b)                                                                                 \
    do {                                                                                           \
        if ((a) != (b))                                                                            \
            ck_assert_uint_eq(a, b);                                                               \
    } while (0)

static uint64_t seed = 20261122;

// The twin: every source's instant, searched from end to end.
struct twin {
    uint64_t at_ns[MOST_SOURCES];
    uint32_t sources;
};

static uint32_t twin_next(const struct twin *twin)
{
    uint32_t next = 0;
    for (uint32_t i = 1; i < twin->sources; i++) {
        if (twin->at_ns[i] < twin->at_ns[next])
            next = i;
    }
    return next;
}

static uint32_t twin_pending(const struct twin *twin)
{
    uint32_t pending = 0;
    for (uint32_t i = 0; i < twin->sources; i++)
        pending += twin->at_ns[i] < AUR_QUEUE_NEVER_NS;
    return pending;
}

static void assert_same_next(struct aur_queue *q, const struct twin *twin)
{
    uint64_t at_ns = 0;
    uint32_t next = twin_next(twin);
    bool any = twin->at_ns[next] < AUR_QUEUE_NEVER_NS;
    SAME(aur_queue_peek(q, &at_ns), any);
    if (any)
        SAME(at_ns, twin->at_ns[next]);
}

// Pops both and compares; returns the popped source, AUR_NONE if there was none.
static uint32_t pop_both(struct aur_queue *q, struct twin *twin, uint64_t *now_ns)
{
    uint64_t at_ns = 0;
    uint32_t source = AUR_NONE, next = twin_next(twin);
    bool any = twin->at_ns[next] < AUR_QUEUE_NEVER_NS;
    SAME(aur_queue_pop(q, &at_ns, &source), any);
    if (!any)
        return AUR_NONE;
    SAME(at_ns, twin->at_ns[next]);
    SAME(source, next);
    twin->at_ns[next] = AUR_QUEUE_NEVER_NS;
    *now_ns = at_ns;
    return source;
}

static void arm_both(struct aur_queue *q, struct twin *twin, uint32_t source, uint64_t at_ns)
{
    aur_queue_arm(q, source, at_ns);
    twin->at_ns[source] = at_ns < AUR_QUEUE_NEVER_NS ? at_ns : AUR_QUEUE_NEVER_NS;
}

// A delay from a range so narrow that ties abound, or a wide one, or no instant at all.
static uint64_t some_instant(struct aur_stream *stream, uint64_t now_ns, uint64_t narrow)
{
    switch (aur_stream_below(stream, 16)) {
    case 0:
        return now_ns + aur_stream_below(stream, 1u << 30);
    case 1:
        return aur_stream_below(stream, 8) == 0 ? AUR_NEVER_NS : now_ns;
    default:
        return now_ns + aur_stream_below(stream, narrow);
    }
}

static void random_history(uint32_t sources, uint32_t trial)
{
    static struct twin twin;
    struct aur_queue q;
    struct aur_stream stream;
    uint64_t now_ns = 0;

    aur_stream_init(&stream, seed, trial, sources, 0);
    ck_assert(aur_queue_init(&q, sources));
    twin.sources = sources;
    for (uint32_t i = 0; i < sources; i++)
        twin.at_ns[i] = AUR_QUEUE_NEVER_NS;
    uint64_t narrow = 1 + aur_stream_below(&stream, 2 * sources);
    uint64_t pops = 1 + aur_stream_below(&stream, 6); // of 8: the queue runs full or empty
    for (uint32_t step = 0; step < 1500; step++) {
        uint32_t source = (uint32_t)aur_stream_below(&stream, sources);
        uint64_t verb = aur_stream_below(&stream, 8);
        if (verb < pops) {
            source = pop_both(&q, &twin, &now_ns);
            if (source != AUR_NONE && verb % 2 == 0)
                arm_both(&q, &twin, source, some_instant(&stream, now_ns, narrow));
        } else if (verb == 7) {
            aur_queue_cancel(&q, source);
            twin.at_ns[source] = AUR_QUEUE_NEVER_NS;
        } else {
            arm_both(&q, &twin, source, some_instant(&stream, now_ns, narrow));
        }
        if (aur_stream_below(&stream, 4) == 0)
            assert_same_next(&q, &twin);
        SAME(aur_queue_pending(&q), twin_pending(&twin));
    }
    while (pop_both(&q, &twin, &now_ns) != AUR_NONE)
        SAME(aur_queue_pending(&q), twin_pending(&twin));
    aur_queue_free(&q);
}

START_TEST(any_history_of_arms_cancels_and_pops_gives_what_a_linear_search_gives)
{
    // Around the sizes at which the tree gains a group, a level, and its prefetched level.
    static const uint32_t sizes[] = {1,  2,  7,  8,   9,   16,   17,
                                     63, 64, 65, 257, 513, 1025, MOST_SOURCES};
    for (uint32_t i = 0; i < LENGTH(sizes); i++) {
        for (uint32_t trial = 0; trial < (sizes[i] < 100 ? 60u : 10u); trial++)
            random_history(sizes[i], trial);
    }
}
END_TEST

START_TEST(the_order_of_arming_leaves_no_trace_in_the_order_of_leaving)
{
    enum {
        SOURCES = 300
    };
    struct aur_queue up, down;
    ck_assert(aur_queue_init(&up, SOURCES));
    ck_assert(aur_queue_init(&down, SOURCES));
    for (uint32_t i = 0; i < SOURCES; i++) {
        aur_queue_arm(&up, i, 10 + i % 3);
        aur_queue_arm(&down, SOURCES - 1 - i, 5);
        aur_queue_arm(&down, SOURCES - 1 - i, 10 + (SOURCES - 1 - i) % 3);
    }
    uint64_t last_ns = 0;
    uint32_t last = 0;
    for (uint32_t i = 0; i < SOURCES; i++) {
        uint64_t a_ns, b_ns;
        uint32_t a, b;
        ck_assert(aur_queue_pop(&up, &a_ns, &a) && aur_queue_pop(&down, &b_ns, &b));
        ck_assert_uint_eq(a_ns, b_ns);
        ck_assert_uint_eq(a, b);
        ck_assert(i == 0 || a_ns > last_ns || (a_ns == last_ns && a > last));
        last_ns = a_ns;
        last = a;
    }
    aur_queue_free(&up);
    aur_queue_free(&down);
}
END_TEST

START_TEST(ten_million_rearms_of_one_source_allocate_nothing)
{
    struct aur_queue q;
    ck_assert(aur_queue_init(&q, 100));
    for (uint32_t i = 0; i < 100; i++)
        aur_queue_arm(&q, i, 1000 + i);
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    for (uint64_t i = 0; i < 10000000; i++)
        aur_queue_arm(&q, 42, i);
    ck_assert_uint_eq(mallinfo2().uordblks + mallinfo2().hblkhd, before);
    ck_assert_uint_eq(aur_queue_pending(&q), 100);
    aur_queue_free(&q);
}
END_TEST

START_TEST(a_million_sources_take_at_most_16_bytes_each)
{
    struct aur_queue q;
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    ck_assert(aur_queue_init(&q, 1000000));
    ck_assert_uint_le(mallinfo2().uordblks + mallinfo2().hblkhd - before, 16000000);
    aur_queue_free(&q);
}
END_TEST

START_TEST(an_instant_from_never_on_cancels_and_the_last_before_it_arrives)
{
    struct aur_queue q;
    uint64_t at_ns;
    uint32_t source;
    ck_assert(aur_queue_init(&q, 9));
    for (uint32_t i = 0; i < 9; i++)
        aur_queue_arm(&q, i, 7);
    for (uint32_t i = 0; i < 8; i++)
        aur_queue_arm(&q, i, i % 2 ? AUR_NEVER_NS : AUR_QUEUE_NEVER_NS);
    aur_queue_arm(&q, 8, AUR_QUEUE_NEVER_NS - 1);
    ck_assert_uint_eq(aur_queue_pending(&q), 1);
    ck_assert(aur_queue_pop(&q, &at_ns, &source));
    ck_assert_uint_eq(at_ns, AUR_QUEUE_NEVER_NS - 1);
    ck_assert_uint_eq(source, 8);
    ck_assert(!aur_queue_peek(&q, &at_ns));
    ck_assert(!aur_queue_pop(&q, &at_ns, &source));
    aur_queue_free(&q);
}
END_TEST

START_TEST(a_cancelled_pop_stays_popped)
{
    struct aur_queue q;
    uint64_t at_ns;
    uint32_t source;
    ck_assert(aur_queue_init(&q, 2));
    aur_queue_arm(&q, 0, 1);
    aur_queue_arm(&q, 1, 2);
    ck_assert(aur_queue_pop(&q, &at_ns, &source) && source == 0);
    aur_queue_cancel(&q, 0);
    ck_assert_uint_eq(aur_queue_pending(&q), 1);
    ck_assert(aur_queue_pop(&q, &at_ns, &source) && source == 1);
    ck_assert(!aur_queue_pop(&q, &at_ns, &source));
    aur_queue_free(&q);
}
END_TEST

START_TEST(a_queue_of_no_sources_is_empty_and_one_of_too_many_is_refused)
{
    struct aur_queue q;
    uint64_t at_ns;
    ck_assert(aur_queue_init(&q, 0));
    ck_assert(!aur_queue_peek(&q, &at_ns));
    aur_queue_free(&q);
    ck_assert(!aur_queue_init(&q, AUR_QUEUE_SOURCES_MAX + 1));
    aur_queue_free(&q);
}
END_TEST

START_TEST(arming_before_the_latest_popped_instant_aborts)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        struct aur_queue q;
        uint64_t at_ns;
        uint32_t source;
        const struct rlimit no_dump = {0, 0};
        setrlimit(RLIMIT_CORE, &no_dump);
        fclose(stderr); // the assertion's message would look like a failure
        if (!aur_queue_init(&q, 1))
            _exit(1);
        aur_queue_arm(&q, 0, 5);
        aur_queue_pop(&q, &at_ns, &source);
        aur_queue_arm(&q, 0, 4);
        _exit(0);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        any_history_of_arms_cancels_and_pops_gives_what_a_linear_search_gives,
        the_order_of_arming_leaves_no_trace_in_the_order_of_leaving,
        ten_million_rearms_of_one_source_allocate_nothing,
        a_million_sources_take_at_most_16_bytes_each,
        an_instant_from_never_on_cancels_and_the_last_before_it_arrives,
        a_cancelled_pop_stays_popped,
        a_queue_of_no_sources_is_empty_and_one_of_too_many_is_refused,
        arming_before_the_latest_popped_instant_aborts,
    };
    const char *asked = getenv("AUR_SEED");
    if (asked)
        seed = strtoull(asked, NULL, 0);
    printf("AUR_SEED=%" PRIu64 "\n", seed);
    return run_tests("queue", tests, LENGTH(tests), NULL);
}
