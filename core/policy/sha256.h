// SHA-256 (FIPS 180-4) and HMAC with it (RFC 2104).
#ifndef AURORA_POLICY_SHA256_H
#define AURORA_POLICY_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define AUR_SHA256_BYTES 32u
#define AUR_SHA256_BLOCK 64u

struct aur_sha256 {
    uint32_t state[8];
    uint64_t bytes;
    uint8_t block[AUR_SHA256_BLOCK]; // the last bytes, fewer than a block
};

void aur_sha256_begin(struct aur_sha256 *sha);
void aur_sha256_add(struct aur_sha256 *sha, const void *bytes, size_t size);
void aur_sha256_end(struct aur_sha256 *sha, uint8_t digest[AUR_SHA256_BYTES]);

void aur_hmac_sha256(const void *key, size_t key_size, const void *bytes, size_t size,
                     uint8_t digest[AUR_SHA256_BYTES]);

#endif
