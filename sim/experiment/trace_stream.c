#include "experiment/trace_stream.h"

#include <stdlib.h>
#include <string.h>

bool aur_trace_packer_init(struct aur_trace_packer *packer, aur_chunk_sink *sink, void *context)
{
    *packer = (struct aur_trace_packer){.sink = sink, .context = context};
    packer->capacity = aur_trace_bound(AUR_TRACE_PACK_RECORDS);
    packer->scratch = malloc(sizeof *packer->scratch);
    packer->records = malloc(AUR_TRACE_PACK_RECORDS * sizeof *packer->records);
    packer->bytes = malloc(packer->capacity);
    if (packer->scratch && packer->records && packer->bytes)
        return true;
    aur_trace_packer_free(packer);
    return false;
}

void aur_trace_packer_free(struct aur_trace_packer *packer)
{
    free(packer->scratch);
    free(packer->records);
    free(packer->bytes);
    memset(packer, 0, sizeof *packer);
}

bool aur_trace_packer_end(struct aur_trace_packer *packer)
{
    struct aur_trace_chunk chunk;
    if (!packer->count)
        return true;
    size_t size = aur_trace_encode(packer->scratch, packer->records, packer->count, packer->bytes,
                                   packer->capacity);
    packer->count = 0;
    if (!size || aur_trace_header(packer->bytes, size, &chunk) != AUR_TRACE_OK)
        return false;
    packer->chunks++;
    return packer->sink(packer->context, &chunk, packer->bytes);
}

bool aur_trace_packer_take(void *packer, const struct aur_record *records, uint32_t count)
{
    struct aur_trace_packer *to = packer;
    for (uint32_t i = 0; i < count; i++) {
        bool between_steps = !aur_record_is_action(&records[i]);
        bool full = to->count + 1 >= AUR_TRACE_PACK_RECORDS;
        if ((full || (to->count >= AUR_TRACE_RECORDS && between_steps)) &&
            !aur_trace_packer_end(to))
            return false;
        to->records[to->count++] = records[i];
    }
    return true;
}

bool aur_trace_reader_init(struct aur_trace_reader *reader)
{
    memset(reader, 0, sizeof *reader);
    reader->scratch = malloc(sizeof *reader->scratch);
    reader->records = malloc(AUR_TRACE_RECORDS_MAX * sizeof *reader->records);
    if (reader->scratch && reader->records)
        return true;
    aur_trace_reader_free(reader);
    return false;
}

void aur_trace_reader_free(struct aur_trace_reader *reader)
{
    free(reader->scratch);
    free(reader->records);
    free(reader->bytes);
    memset(reader, 0, sizeof *reader);
}

bool aur_trace_reader_add(struct aur_trace_reader *reader, const uint8_t *bytes, size_t size)
{
    if (reader->room - reader->size < size) {
        size_t room = reader->room ? reader->room : 65536;
        while (room - reader->size < size)
            room *= 2;
        uint8_t *grown = realloc(reader->bytes, room);
        if (!grown)
            return false;
        reader->bytes = grown;
        reader->room = room;
    }
    memcpy(reader->bytes + reader->size, bytes, size);
    reader->size += size;
    return true;
}

// Decodes the next chunk. *count 0: the end. False with a failure on a damaged chunk.
static bool read_chunk(struct aur_trace_reader *reader, uint32_t *count,
                       struct aur_failure *failure)
{
    const uint8_t *bytes = reader->bytes + reader->at;
    struct aur_trace_chunk chunk;
    enum aur_trace_status status;

    *count = 0;
    if (reader->at == reader->size)
        return true;
    status = aur_trace_header(bytes, reader->size - reader->at, &chunk);
    if (status == AUR_TRACE_OK && chunk.bytes > reader->size - reader->at)
        status = AUR_TRACE_TRUNCATED;
    if (status == AUR_TRACE_OK)
        status = aur_trace_decode(reader->scratch, bytes, chunk.bytes, reader->records,
                                  AUR_TRACE_RECORDS_MAX, count);
    if (status != AUR_TRACE_OK)
        return aur_fail(failure, NULL, 0, "the trace is damaged after record %llu: %s",
                        (unsigned long long)reader->read, aur_trace_status_text(status));
    reader->at += chunk.bytes;
    return true;
}

const struct aur_record *aur_trace_reader_next(struct aur_trace_reader *reader,
                                               struct aur_failure *failure)
{
    if (reader->next == reader->count) {
        reader->next = 0;
        if (!read_chunk(reader, &reader->count, failure) || !reader->count)
            return NULL;
    }
    reader->read++;
    return &reader->records[reader->next++];
}
