#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "tests/run_tests.h"
#include "workload/file.h"

static struct aur_failure failure;
static char path[64];
static char *bytes;
static size_t size;
static bool truncated;

static void start(void)
{
    memset(&failure, 0, sizeof failure);
    snprintf(path, sizeof path, "test_file.%ld.tmp", (long)getpid());
}

static void write_file(const void *content, size_t length)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(content, 1, length, file), length);
    ck_assert_int_eq(fclose(file), 0);
}

static bool read_back(void)
{
    bool good = aur_file_read(path, &bytes, &size, &truncated, &failure);
    unlink(path);
    return good;
}

// A gzip member in `packed`; returns its length.
static size_t pack(const char *text, size_t length, char *packed, size_t room)
{
    z_stream stream = {0};
    ck_assert_int_eq(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY),
                     Z_OK);
    stream.next_in = (Bytef *)text;
    stream.avail_in = (uInt)length;
    stream.next_out = (Bytef *)packed;
    stream.avail_out = (uInt)room;
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return room - stream.avail_out;
}

#define LONG 500000
static char text[LONG], packed[2 * LONG];

static void fill_text(void)
{
    uint32_t state = 1;
    for (size_t i = 0; i < LONG; i++) {
        state = state * 1664525 + 1013904223;
        text[i] = (char)('a' + (state >> 28));
    }
}

START_TEST(plain_bytes_come_back_with_a_zero_behind_them)
{
    fill_text();
    const size_t lengths[] = {0, 1, 65535, 65536, 65537, LONG};
    for (size_t i = 0; i < LENGTH(lengths); i++) {
        write_file(text, lengths[i]);
        ck_assert_msg(read_back(), "%s", failure.text);
        ck_assert_uint_eq(size, lengths[i]);
        ck_assert_mem_eq(bytes, text, size);
        ck_assert_int_eq(bytes[size], 0);
        ck_assert(!truncated);
        free(bytes);
    }
}
END_TEST

START_TEST(all_members_of_a_gzip_file_are_unpacked)
{
    fill_text();
    size_t first = pack(text, LONG / 2, packed, sizeof packed);
    size_t length = first + pack(text + LONG / 2, LONG / 2, packed + first, sizeof packed - first);
    memset(packed + length, 0, 100); // padding, as tapes have it
    write_file(packed, length + 100);
    ck_assert_msg(read_back(), "%s", failure.text);
    ck_assert_uint_eq(size, LONG);
    ck_assert_mem_eq(bytes, text, size);
    ck_assert(!truncated);
    free(bytes);
}
END_TEST

START_TEST(a_gzip_file_cut_anywhere_gives_what_is_there_and_says_so)
{
    fill_text();
    size_t length = pack(text, LONG, packed, sizeof packed);
    for (size_t cut = 1; cut < length - length / 8; cut += cut < 40 ? 1 : 7919) {
        memset(&failure, 0, sizeof failure);
        write_file(packed, length - cut);
        ck_assert_msg(read_back(), "cut %zu: %s", cut, failure.text);
        ck_assert(truncated);
        ck_assert_uint_gt(size, 0);
        ck_assert_mem_eq(bytes, text, size);
        free(bytes);
    }
}
END_TEST

static void refused(const char *why)
{
    char expected[256];
    snprintf(expected, sizeof expected, "%s: %s", path, why);
    ck_assert(!read_back());
    ck_assert_ptr_null(bytes);
    ck_assert_str_eq(failure.text, expected);
}

START_TEST(a_gzip_file_cut_before_its_first_byte_is_refused)
{
    write_file(packed, pack("text", 4, packed, sizeof packed) - 18);
    refused("gzip cut off before its first byte, copy the file again");
}
END_TEST

START_TEST(a_damaged_gzip_file_is_refused)
{
    fill_text();
    size_t length = pack(text, LONG, packed, sizeof packed);
    packed[length - 6] ^= 1; // of the checksum
    write_file(packed, length);
    refused("damaged gzip (incorrect data check), copy or compress it again");
}
END_TEST

START_TEST(what_cannot_be_read_is_refused_with_the_reason)
{
    refused("cannot be opened (No such file or directory), check the path");
    memset(&failure, 0, sizeof failure);
    ck_assert(!aur_file_read(".", &bytes, &size, &truncated, &failure));
    ck_assert_str_eq(failure.text, ".: cannot be read (Is a directory), check the file");
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        plain_bytes_come_back_with_a_zero_behind_them,
        all_members_of_a_gzip_file_are_unpacked,
        a_gzip_file_cut_anywhere_gives_what_is_there_and_says_so,
        a_gzip_file_cut_before_its_first_byte_is_refused,
        a_damaged_gzip_file_is_refused,
        what_cannot_be_read_is_refused_with_the_reason,
    };
    return run_tests("file", tests, LENGTH(tests), start);
}
