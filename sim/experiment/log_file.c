#include "experiment/log_file.h"

#include <string.h>

#include "experiment/execute.h"

// Head: the mark (see workload_file.c for its form), the digest, the size of the inputs, both
// little-endian, the inputs; the chunks of the trace up to the end of the file.
static const uint8_t mark[8] = {0x97, 'A', 'U', 'R', 'L', '\r', '\n', 1};
#define HEAD_BYTES 24u

bool aur_log_file_detect(const uint8_t *bytes, size_t size)
{
    return size >= sizeof mark && memcmp(bytes, mark, sizeof mark - 1) == 0;
}

static void put_word(FILE *file, uint64_t word)
{
    for (int i = 0; i < 8; i++)
        fputc((int)(word >> (8 * i) & 0xff), file);
}

static uint64_t get_word(const uint8_t *bytes)
{
    uint64_t word = 0;
    for (int i = 7; i >= 0; i--)
        word = word << 8 | bytes[i];
    return word;
}

void aur_log_file_begin(FILE *file, uint64_t digest, const uint8_t *inputs, size_t inputs_size)
{
    fwrite(mark, 1, sizeof mark, file);
    put_word(file, digest);
    put_word(file, inputs_size);
    fwrite(inputs, 1, inputs_size, file);
}

bool aur_log_file_verify(const char *path, const uint8_t *bytes, size_t size,
                         aur_progress *progress, void *context, struct aur_verdict *verdict,
                         struct aur_failure *failure)
{
    struct aur_failure *difference = &verdict->difference;
    struct aur_trace_reader trace;
    struct aur_inputs inputs;

    memset(verdict, 0, sizeof *verdict);
    if (size < HEAD_BYTES || bytes[sizeof mark - 1] != mark[sizeof mark - 1])
        return aur_fail(failure, path, 0,
                        size < HEAD_BYTES ? "the log is cut off, export it again"
                                          : "is of a newer Aurora, update this");
    uint64_t digest = get_word(bytes + 8), inputs_size = get_word(bytes + 16);
    if (inputs_size > size - HEAD_BYTES)
        return aur_fail(failure, path, 0, "the log is cut off, export it again");
    const uint8_t *chunks = bytes + HEAD_BYTES + inputs_size;
    if (!aur_trace_reader_init(&trace))
        return aur_fail(failure, NULL, 0, "memory is out");
    bool good = aur_trace_reader_add(&trace, chunks, size - HEAD_BYTES - inputs_size) ||
                aur_fail(failure, NULL, 0, "memory is out");
    if (good && aur_inputs_decode(&inputs, bytes + HEAD_BYTES, inputs_size, difference)) {
        struct aur_execution execution = {
            .inputs = &inputs, .same = &trace, .progress = progress, .progress_context = context};
        if (aur_execution_run(&execution, difference) && execution.digest != digest)
            aur_fail(difference, NULL, 0, "the digest is stored as %016llx, executed it is %016llx",
                     (unsigned long long)digest, (unsigned long long)execution.digest);
        verdict->digest = execution.digest;
        verdict->events = execution.events;
        verdict->wall_seconds = execution.wall_seconds;
        verdict->records = trace.read;
        aur_inputs_free(&inputs);
    }
    aur_trace_reader_free(&trace);
    verdict->same = good && !difference->text[0];
    return good;
}
