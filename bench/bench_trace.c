// The codec of the decision log: speed and density on a log of the core, against zlib at its
// fastest on the same records.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include <aurora/trace.h>

#include "../core/tests/trace_stream.h"

#define CHUNKS  40u
#define REPEATS 5u

static struct aur_trace_scratch scratch;
static struct aur_record log_records[CHUNKS][AUR_TRACE_RECORDS], back[AUR_TRACE_RECORDS];
static uint32_t counts[CHUNKS];

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

struct result {
    double encode_ns, decode_ns; // of all records
    size_t bytes;
};

static size_t ours(const struct aur_record *records, uint32_t count, uint8_t *out, size_t room,
                   struct result *result)
{
    uint32_t got;
    double start = now_ns();
    size_t size = aur_trace_encode(&scratch, records, count, out, room);
    double middle = now_ns();
    bool sound = aur_trace_decode(&scratch, out, size, back, count, &got) == AUR_TRACE_OK;
    result->decode_ns += now_ns() - middle;
    result->encode_ns += middle - start;
    return sound ? size : 0;
}

static size_t zlibs(const struct aur_record *records, uint32_t count, uint8_t *out, size_t room,
                    struct result *result)
{
    uLongf size = room, got = sizeof back;
    double start = now_ns();
    int status = compress2(out, &size, (const Bytef *)records, count * sizeof *records, 1);
    double middle = now_ns();
    bool sound = status == Z_OK && uncompress((Bytef *)back, &got, out, size) == Z_OK;
    result->decode_ns += now_ns() - middle;
    result->encode_ns += middle - start;
    return sound ? size : 0;
}

// The fastest of some repeats; false if what comes back is not what went in.
static bool measure(size_t (*codec)(const struct aur_record *, uint32_t, uint8_t *, size_t,
                                    struct result *),
                    struct result *best)
{
    static uint8_t out[1 << 20];
    for (uint32_t repeat = 0; repeat < REPEATS; repeat++) {
        struct result result = {0, 0, 0};
        for (uint32_t chunk = 0; chunk < CHUNKS; chunk++) {
            size_t size = codec(log_records[chunk], counts[chunk], out, sizeof out, &result);
            if (size == 0 || memcmp(back, log_records[chunk], counts[chunk] * sizeof *back) != 0)
                return false;
            result.bytes += size;
        }
        if (repeat == 0 || result.encode_ns < best->encode_ns)
            best->encode_ns = result.encode_ns;
        if (repeat == 0 || result.decode_ns < best->decode_ns)
            best->decode_ns = result.decode_ns;
        best->bytes = result.bytes;
    }
    return true;
}

int main(void)
{
    struct stream *s = stream_new(20261122, 4, 100, 70, (1 << STREAM_ROLES) - 1, 300);
    if (!s) {
        fputs("bench_trace: no memory, or no core\n", stderr);
        return 1;
    }
    double records = 0, events = 0;
    for (uint32_t chunk = 0; chunk < CHUNKS; chunk++) {
        counts[chunk] = stream_take(s, log_records[chunk], AUR_TRACE_RECORDS);
        records += counts[chunk];
        for (uint32_t i = 0; i < counts[chunk]; i++)
            events += !aur_record_is_action(&log_records[chunk][i]);
    }
    stream_free(s);

    struct result own, peer;
    if (!measure(ours, &own) || !measure(zlibs, &peer)) {
        fputs("bench_trace: what was decoded is not what was encoded\n", stderr);
        return 1;
    }
    printf("trace: bytes an event, with its actions\t%.2f\tB\t%.2f times smaller than zlib -1\n",
           (double)own.bytes / events, (double)peer.bytes / (double)own.bytes);
    printf("trace: bytes a record\t%.2f\tB\t32 in memory\n", (double)own.bytes / records);
    printf("trace: encode a record\t%.1f\tns\t%.1f times faster than zlib -1\n",
           own.encode_ns / records, peer.encode_ns / own.encode_ns);
    printf("trace: decode a record\t%.1f\tns\t%.1f times faster than zlib -1\n",
           own.decode_ns / records, peer.decode_ns / own.decode_ns);
    return 0;
}
