// SHA-256 and HMAC against published vectors; tokens against what they promise.
#include <aurora/cap.h>
#include <aurora/token.h>

#include "policy/sha256.h"
#include "tests/run_tests.h"

static uint64_t seed;

static size_t from_hex(const char *hex, uint8_t *bytes)
{
    size_t size = 0;
    for (; hex[2 * size]; size++) {
        unsigned byte;
        ck_assert_int_eq(sscanf(hex + 2 * size, "%2x", &byte), 1);
        bytes[size] = (uint8_t)byte;
    }
    return size;
}

static void must_be(const uint8_t digest[32], const char *hex)
{
    uint8_t expected[32];
    ck_assert_uint_eq(from_hex(hex, expected), 32);
    ck_assert_mem_eq(digest, expected, 32);
}

static void hash_in_pieces(const uint8_t *bytes, size_t size, size_t piece, const char *hex)
{
    struct aur_sha256 sha;
    uint8_t digest[32];
    aur_sha256_begin(&sha);
    for (size_t at = 0; at < size; at += piece)
        aur_sha256_add(&sha, bytes + at, size - at < piece ? size - at : piece);
    aur_sha256_end(&sha, digest);
    must_be(digest, hex);
}

// NIST, Examples with Intermediate Values, SHA-256; FIPS 180-2, B.3; RFC 6234, 8.5.
START_TEST(sha_256_gives_the_published_digests)
{
    static const struct {
        const char *text, *digest;
    } samples[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
         "lmnopqrsmnopqrstnopqrstu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    };
    for (size_t i = 0; i < LENGTH(samples); i++)
        for (size_t piece = 1; piece < 70; piece += 7)
            hash_in_pieces((const uint8_t *)samples[i].text, strlen(samples[i].text), piece,
                           samples[i].digest);
    static uint8_t million[1000000];
    memset(million, 'a', sizeof million);
    hash_in_pieces(million, sizeof million, 1009,
                   "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
END_TEST

// RFC 4231, test cases 1 to 7.
START_TEST(hmac_gives_the_digests_of_rfc_4231)
{
    static const struct {
        const char *key, *data, *digest;
        size_t shown; // bytes of the digest that the RFC gives
    } samples[] = {
        {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", 32},
        {"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", 32},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
         "dddddddddddddddddddddddddddddddddddd",
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe", 32},
        {"0102030405060708090a0b0c0d0e0f10111213141516171819",
         "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
         "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b", 32},
        {"0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c", "546573742057697468205472756e636174696f6e",
         "a3b6167473100ee06e0c796c2955552b", 16},
    };
    static const char long_key[] = "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697"
                                   "a65204b6579202d2048617368204b"
                                   "6579204669727374";
    static const char long_data[] = "5468697320697320612074657374207573696e672061206c61726765722074"
                                    "68616e20626c6f636b2d73697a6520"
                                    "6b657920616e642061206c6172676572207468616e20626c6f636b2d73697a"
                                    "6520646174612e20546865206b6579"
                                    "206e6565647320746f20626520686173686564206265666f7265206265696e"
                                    "6720757365642062792074686520484d"
                                    "414320616c676f726974686d2e";
    uint8_t key[131], data[256], digest[32], expected[32];
    for (size_t i = 0; i < LENGTH(samples); i++) {
        size_t key_size = from_hex(samples[i].key, key), size = from_hex(samples[i].data, data);
        aur_hmac_sha256(key, key_size, data, size, digest);
        from_hex(samples[i].digest, expected);
        ck_assert_mem_eq(digest, expected, samples[i].shown);
    }
    memset(key, 0xaa, sizeof key);
    size_t size = from_hex(long_key, data);
    aur_hmac_sha256(key, sizeof key, data, size, digest);
    must_be(digest, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    size = from_hex(long_data, data);
    aur_hmac_sha256(key, sizeof key, data, size, digest);
    must_be(digest, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}
END_TEST

static const uint8_t key[AUR_TOKEN_KEY] = "a key of thirty-two bytes, or so";
static const struct aur_grant full = {3, 70, 9, AUR_RIGHTS_ALL, 0x123456789abcdef0};

START_TEST(a_token_grants_what_it_was_made_with_less_its_caveats)
{
    uint8_t token[AUR_TOKEN_MOST];
    struct aur_grant grant;
    size_t size = aur_token_make(key, &full, token);
    ck_assert_uint_eq(size, AUR_TOKEN_LEAST);
    ck_assert_int_eq(aur_token_verify(key, token, size, 5, 6, &grant), AUR_TOKEN_GOOD);
    ck_assert(grant.object == 70 && grant.badge == 9 && grant.rights == AUR_RIGHTS_ALL &&
              grant.serial == full.serial && grant.key == 3);
    ck_assert_uint_eq(aur_token_key(token, size), 3);
    size = aur_token_attenuate(token, size, AUR_CAVEAT_RIGHTS, AUR_RIGHT_READ | AUR_RIGHT_NET);
    size = aur_token_attenuate(token, size, AUR_CAVEAT_RIGHTS, AUR_RIGHT_READ | AUR_RIGHT_FS);
    ck_assert_int_eq(aur_token_verify(key, token, size, 5, 6, &grant), AUR_TOKEN_GOOD);
    ck_assert_uint_eq(grant.rights, AUR_RIGHT_READ);
    size = aur_token_attenuate(token, size, AUR_CAVEAT_EXPIRES, 1000);
    ck_assert_int_eq(aur_token_verify(key, token, size, 999, 6, &grant), AUR_TOKEN_GOOD);
    ck_assert_int_eq(aur_token_verify(key, token, size, 1000, 6, &grant), AUR_TOKEN_EXPIRED);
    size = aur_token_attenuate(token, size, AUR_CAVEAT_EXPIRES, 500); // the earlier one holds
    ck_assert_int_eq(aur_token_verify(key, token, size, 600, 6, &grant), AUR_TOKEN_EXPIRED);
    size = aur_token_attenuate(token, size, AUR_CAVEAT_AUDIENCE, 6);
    ck_assert_int_eq(aur_token_verify(key, token, size, 5, 6, &grant), AUR_TOKEN_GOOD);
    ck_assert_int_eq(aur_token_verify(key, token, size, 5, 7, &grant), AUR_TOKEN_NOT_FOR_YOU);
    size = aur_token_attenuate(token, size, AUR_CAVEAT_AUDIENCE, 7); // nobody is both
    ck_assert_int_eq(aur_token_verify(key, token, size, 5, 6, &grant), AUR_TOKEN_NOT_FOR_YOU);
}
END_TEST

START_TEST(a_token_has_room_for_sixteen_caveats_and_none_of_another_kind)
{
    uint8_t token[AUR_TOKEN_MOST];
    struct aur_grant grant, wrong = full;
    size_t size = aur_token_make(key, &full, token);
    ck_assert_uint_eq(aur_token_attenuate(token, size, (enum aur_caveat)0, 1), 0);
    ck_assert_uint_eq(aur_token_attenuate(token, size, (enum aur_caveat)4, 1), 0);
    for (uint32_t i = 0; i < AUR_TOKEN_CAVEATS; i++)
        size = aur_token_attenuate(token, size, AUR_CAVEAT_EXPIRES, 100 + i);
    ck_assert_uint_eq(size, AUR_TOKEN_MOST);
    ck_assert_int_eq(aur_token_verify(key, token, size, 99, 0, &grant), AUR_TOKEN_GOOD);
    ck_assert_uint_eq(aur_token_attenuate(token, size, AUR_CAVEAT_EXPIRES, 1), 0);
    wrong.rights = AUR_RIGHTS_ALL + 1;
    ck_assert_uint_eq(aur_token_make(key, &wrong, token), 0);
}
END_TEST

START_TEST(a_token_that_was_changed_cut_or_lengthened_is_refused)
{
    uint64_t random = seed;
    for (uint32_t round = 0; round < 300; round++) {
        uint8_t token[AUR_TOKEN_MOST + 16] = {0}, changed[AUR_TOKEN_MOST + 16];
        struct aur_grant grant;
        size_t size = aur_token_make(key, &full, token);
        for (uint64_t n = random_below(&random, 5); n > 0; n--)
            size = aur_token_attenuate(token, size, (enum aur_caveat)(1 + random_below(&random, 3)),
                                       random_next(&random));
        for (size_t bit = 0; bit < size * 8; bit += 1 + random_below(&random, 20)) {
            memcpy(changed, token, sizeof token);
            changed[bit / 8] ^= (uint8_t)(1u << bit % 8);
            int status = aur_token_verify(key, changed, size, 0, 0, &grant);
            ck_assert(status == AUR_TOKEN_FORGED || status == AUR_TOKEN_MALFORMED);
        }
        // Without its last caveat the signature is another.
        if (size > AUR_TOKEN_LEAST) {
            memcpy(changed, token, sizeof token);
            memmove(changed + size - 48, changed + size - 32, 32);
            ck_assert_int_eq(aur_token_verify(key, changed, size - 16, 0, 0, &grant),
                             AUR_TOKEN_FORGED);
        }
        for (size_t other = 0; other <= sizeof token; other++)
            if (other != size) {
                int status = aur_token_verify(key, token, other, 0, 0, &grant);
                ck_assert(status == AUR_TOKEN_FORGED || status == AUR_TOKEN_MALFORMED);
            }
        uint8_t other_key[AUR_TOKEN_KEY];
        memcpy(other_key, key, sizeof key);
        other_key[random_below(&random, AUR_TOKEN_KEY)] ^= 1;
        ck_assert_int_eq(aur_token_verify(other_key, token, size, 0, 0, &grant), AUR_TOKEN_FORGED);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        sha_256_gives_the_published_digests,
        hmac_gives_the_digests_of_rfc_4231,
        a_token_grants_what_it_was_made_with_less_its_caveats,
        a_token_has_room_for_sixteen_caveats_and_none_of_another_kind,
        a_token_that_was_changed_cut_or_lengthened_is_refused,
    };
    seed = random_seed(20261201);
    return run_tests("token", tests, LENGTH(tests));
}
