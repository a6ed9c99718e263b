#include "policy/sha256.h"

#include "lib/memory.h"

// The first 32 bits of the fractions of the cube roots of the first 64 primes (4.2.2).
static const uint32_t k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

// The same of the square roots of the first 8 (5.3.3).
static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

static uint32_t rotate(uint32_t value, uint32_t by)
{
    return value >> by | value << (32 - by);
}

static uint32_t big_endian(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

// One block (6.2.2).
static void compress(uint32_t state[8], const uint8_t *block)
{
    uint32_t w[64], s[8];
    for (uint32_t t = 0; t < 16; t++)
        w[t] = big_endian(block + 4 * t);
    for (uint32_t t = 16; t < 64; t++) {
        uint32_t a = w[t - 15], b = w[t - 2];
        w[t] = (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10) + w[t - 7] +
               (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[t - 16];
    }
    memcpy(s, state, sizeof s);
    for (uint32_t t = 0; t < 64; t++) {
        uint32_t one = s[7] + (rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25)) +
                       ((s[4] & s[5]) ^ (~s[4] & s[6])) + k[t] + w[t];
        uint32_t two = (rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22)) +
                       ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof s[0]);
        s[4] += one;
        s[0] = one + two;
    }
    for (uint32_t i = 0; i < 8; i++)
        state[i] += s[i];
}

void aur_sha256_begin(struct aur_sha256 *sha)
{
    memcpy(sha->state, start, sizeof start);
    sha->bytes = 0;
}

void aur_sha256_add(struct aur_sha256 *sha, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    while (size > 0) {
        size_t used = (size_t)(sha->bytes % AUR_SHA256_BLOCK), room = AUR_SHA256_BLOCK - used;
        size_t take = size < room ? size : room;
        memcpy(sha->block + used, at, take);
        sha->bytes += take;
        at += take;
        size -= take;
        if (take == room)
            compress(sha->state, sha->block);
    }
}

void aur_sha256_end(struct aur_sha256 *sha, uint8_t digest[AUR_SHA256_BYTES])
{
    static const uint8_t padding[AUR_SHA256_BLOCK] = {0x80};
    uint64_t bits = sha->bytes * 8;
    size_t used = (size_t)(sha->bytes % AUR_SHA256_BLOCK);
    uint8_t length[8];
    for (uint32_t i = 0; i < 8; i++)
        length[i] = (uint8_t)(bits >> (56 - 8 * i));
    aur_sha256_add(sha, padding, used < 56 ? 56 - used : 120 - used);
    aur_sha256_add(sha, length, sizeof length);
    for (uint32_t i = 0; i < AUR_SHA256_BYTES; i++)
        digest[i] = (uint8_t)(sha->state[i / 4] >> (24 - 8 * (i % 4)));
}

void aur_hmac_sha256(const void *key, size_t key_size, const void *bytes, size_t size,
                     uint8_t digest[AUR_SHA256_BYTES])
{
    uint8_t pad[AUR_SHA256_BLOCK] = {0};
    struct aur_sha256 sha;
    if (key_size > AUR_SHA256_BLOCK) {
        aur_sha256_begin(&sha);
        aur_sha256_add(&sha, key, key_size);
        aur_sha256_end(&sha, pad);
    } else if (key_size > 0) {
        memcpy(pad, key, key_size);
    }
    for (uint32_t i = 0; i < AUR_SHA256_BLOCK; i++)
        pad[i] ^= 0x36;
    aur_sha256_begin(&sha);
    aur_sha256_add(&sha, pad, sizeof pad);
    aur_sha256_add(&sha, bytes, size);
    aur_sha256_end(&sha, digest);
    for (uint32_t i = 0; i < AUR_SHA256_BLOCK; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    aur_sha256_begin(&sha);
    aur_sha256_add(&sha, pad, sizeof pad);
    aur_sha256_add(&sha, digest, AUR_SHA256_BYTES);
    aur_sha256_end(&sha, digest);
}
