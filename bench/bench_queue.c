// The event queue in the hold model: take the earliest of N, give its source a new instant after an
// exponential delay. The peer is a textbook binary heap of 16-byte events, run in turns with the
// queue in the same process, so that a busy machine slows both.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/distribution.h"
#include "engine/queue.h"

#define DELAYS        65536u // drawn beforehand: the generator is not measured
#define ROUNDS        9
#define MEAN_DELAY_NS 1000000.0

static uint64_t delays[DELAYS];

struct event {
    uint64_t at_ns;
    uint64_t source;
};

struct heap {
    struct event *events;
    uint32_t count;
};

static bool before(const struct event *a, const struct event *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->source < b->source;
}

static void heap_push(struct heap *heap, struct event event)
{
    uint32_t i = heap->count++;
    for (; i > 0 && before(&event, &heap->events[(i - 1) / 2]); i = (i - 1) / 2)
        heap->events[i] = heap->events[(i - 1) / 2];
    heap->events[i] = event;
}

static struct event heap_pop(struct heap *heap)
{
    struct event first = heap->events[0];
    struct event last = heap->events[--heap->count];
    uint32_t i = 0;
    for (uint32_t child = 1; child < heap->count; child = 2 * i + 1) {
        if (child + 1 < heap->count && before(&heap->events[child + 1], &heap->events[child]))
            child++;
        if (!before(&heap->events[child], &last))
            break;
        heap->events[i] = heap->events[child];
        i = child;
    }
    heap->events[i] = last;
    return first;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// What was popped, mixed, so that both are seen to do the same and nothing is optimised away.
static uint64_t mix(uint64_t digest, uint64_t at_ns, uint64_t source)
{
    return digest * 31 + at_ns + source;
}

static uint64_t hold_queue(struct aur_queue *q, uint64_t events, uint64_t first)
{
    uint64_t digest = 0, at_ns;
    uint32_t source;
    for (uint64_t i = 0; i < events && aur_queue_pop(q, &at_ns, &source); i++) {
        aur_queue_arm(q, source, at_ns + delays[(first + i) % DELAYS]);
        digest = mix(digest, at_ns, source);
    }
    return digest;
}

// As a simulator may do it: is anything else due at this instant, before the source is armed again?
static uint64_t hold_queue_peeking(struct aur_queue *q, uint64_t events, uint64_t first)
{
    uint64_t digest = 0, at_ns, next_ns = 0;
    uint32_t source;
    for (uint64_t i = 0; i < events && aur_queue_pop(q, &at_ns, &source); i++) {
        aur_queue_peek(q, &next_ns);
        aur_queue_arm(q, source, at_ns + delays[(first + i) % DELAYS]);
        digest = mix(digest, at_ns, source);
    }
    return digest;
}

static uint64_t hold_heap(struct heap *heap, uint64_t events, uint64_t first)
{
    uint64_t digest = 0;
    for (uint64_t i = 0; i < events; i++) {
        struct event event = heap_pop(heap);
        digest = mix(digest, event.at_ns, event.source);
        event.at_ns += delays[(first + i) % DELAYS];
        heap_push(heap, event);
    }
    return digest;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof *values, ascending);
    return values[ROUNDS / 2];
}

static bool measure(uint32_t sources, uint64_t events)
{
    struct aur_queue plain, peeking;
    struct heap heap = {malloc(sources * sizeof *heap.events), 0};
    bool good = aur_queue_init(&plain, sources);
    good = aur_queue_init(&peeking, sources) && good && heap.events;
    double plain_s[ROUNDS], peeking_s[ROUNDS], heap_s[ROUNDS], ratio[ROUNDS];
    for (uint32_t i = 0; good && i < sources; i++) {
        aur_queue_arm(&plain, i, delays[i % DELAYS]);
        aur_queue_arm(&peeking, i, delays[i % DELAYS]);
        heap_push(&heap, (struct event){delays[i % DELAYS], i});
    }
    for (uint64_t round = 0; good && round < ROUNDS; round++) {
        double start_s = seconds();
        uint64_t by_heap = hold_heap(&heap, events, round * events);
        double heap_done_s = seconds();
        uint64_t by_queue = hold_queue(&plain, events, round * events);
        double queue_done_s = seconds();
        uint64_t by_peeking = hold_queue_peeking(&peeking, events, round * events);
        peeking_s[round] = seconds() - queue_done_s;
        plain_s[round] = queue_done_s - heap_done_s;
        heap_s[round] = heap_done_s - start_s;
        ratio[round] = heap_s[round] / plain_s[round];
        good = by_heap == by_queue && by_heap == by_peeking;
    }
    aur_queue_free(&plain);
    aur_queue_free(&peeking);
    free(heap.events);
    if (!good) {
        fprintf(stderr, "bench_queue: no memory, or the queue and the heap differ\n");
        return false;
    }
    double million = (double)events * 1e-6;
    printf("event queue, hold, %u pending\t%.1f\tM events/s\t%.1f times the binary heap\n", sources,
           million / median(plain_s), median(ratio));
    printf("event queue, hold with a peek, %u pending\t%.1f\tM events/s\t\n", sources,
           million / median(peeking_s));
    printf("binary heap, hold, %u pending\t%.1f\tM events/s\tthe peer\n", sources,
           million / median(heap_s));
    return true;
}

int main(void)
{
    const struct aur_distribution delay = {.kind = AUR_DISTRIBUTION_EXPONENTIAL,
                                           .a = MEAN_DELAY_NS};
    struct aur_stream stream;
    aur_stream_init(&stream, 1, 0, 0, 0);
    for (uint32_t i = 0; i < DELAYS; i++)
        delays[i] = aur_distribution_draw(&delay, &stream);
    return measure(10, 1000000) && measure(1000, 1000000) && measure(1000000, 1000000) ? 0 : 1;
}
