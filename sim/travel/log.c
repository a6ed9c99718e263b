#include "travel/log.h"

#include <stdlib.h>
#include <string.h>

bool aur_log_reader_init(struct aur_log_reader *reader, const struct aur_log_source *source)
{
    *reader = (struct aur_log_reader){.source = source};
    reader->scratch = malloc(sizeof *reader->scratch);
    reader->records = malloc(AUR_TRACE_RECORDS_MAX * sizeof *reader->records);
    if (reader->scratch && reader->records)
        return true;
    aur_log_reader_free(reader);
    return false;
}

void aur_log_reader_free(struct aur_log_reader *reader)
{
    free(reader->scratch);
    free(reader->records);
    memset(reader, 0, sizeof *reader);
}

void aur_log_reader_seek(struct aur_log_reader *reader, uint32_t seq, uint64_t number)
{
    reader->count = reader->next = 0;
    reader->seq = seq;
    reader->number = number;
}

static bool read_chunk(struct aur_log_reader *reader, struct aur_failure *failure)
{
    const uint8_t *bytes;
    size_t size;
    reader->count = reader->next = 0;
    if (!reader->source->chunk(reader->source->context, reader->seq, &bytes, &size, failure))
        return false;
    if (size == 0)
        return true;
    enum aur_trace_status status = aur_trace_decode(reader->scratch, bytes, size, reader->records,
                                                    AUR_TRACE_RECORDS_MAX, &reader->count);
    if (status != AUR_TRACE_OK)
        return aur_fail(failure, NULL, 0, "the trace is damaged after record %llu: %s",
                        (unsigned long long)reader->number, aur_trace_status_text(status));
    reader->seq++;
    return true;
}

// Chunks are cut between steps, so a step lies in one.
bool aur_log_reader_peek(struct aur_log_reader *reader, const struct aur_record **step,
                         uint32_t *count, struct aur_failure *failure)
{
    *count = 0;
    if (reader->next == reader->count && !read_chunk(reader, failure))
        return false;
    if (reader->next == reader->count)
        return true;
    const struct aur_record *event = *step = &reader->records[reader->next];
    uint32_t left = reader->count - reader->next - 1;
    bool good = !aur_record_is_action(event) && event->actions <= left;
    for (uint32_t i = 1; good && i <= event->actions; i++)
        good = aur_record_is_action(&event[i]) != 0;
    if (!good)
        return aur_fail(failure, NULL, 0,
                        "record %llu of the trace is no event with its actions behind it",
                        (unsigned long long)reader->number);
    *count = event->actions + 1u;
    return true;
}

void aur_log_reader_pass(struct aur_log_reader *reader, uint32_t count)
{
    reader->next += count;
    reader->number += count;
}

bool aur_log_reader_chunk(struct aur_log_reader *reader, const struct aur_record **records,
                          uint32_t *count, struct aur_failure *failure)
{
    *records = reader->records;
    *count = 0;
    if (!read_chunk(reader, failure))
        return false;
    *count = reader->count;
    aur_log_reader_pass(reader, reader->count);
    return true;
}
