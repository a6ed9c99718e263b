// Tokens; their form is in aurora/token.h.
#include <stdbool.h>

#include <aurora/cap.h>
#include <aurora/token.h>

#include "lib/memory.h"
#include "policy/sha256.h"

#define VERSION   1u
#define HEAD      32u
#define CAVEAT    16u
#define SIGNATURE AUR_SHA256_BYTES

static const uint8_t magic[4] = {'A', 'U', 'R', 'T'};

const char *aur_token_status_text(uint32_t status)
{
    static const char *const texts[] = {"good", "no token, or one of another version",
                                        "not made with this key, or changed since", "expired",
                                        "for another audience"};
    return status < AUR_TOKEN_STATUS_COUNT ? texts[status] : "unknown";
}

static void put(uint8_t *at, uint64_t value, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t get(const uint8_t *at, uint32_t bytes)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < bytes; i++)
        value |= (uint64_t)at[i] << 8 * i;
    return value;
}

static bool is_caveat(uint64_t kind)
{
    return kind >= AUR_CAVEAT_EXPIRES && kind <= AUR_CAVEAT_AUDIENCE;
}

// Is that the form of one? Says nothing of who made it.
static bool is_token(const uint8_t *token, size_t size)
{
    if (size < AUR_TOKEN_LEAST || size > AUR_TOKEN_MOST || (size - AUR_TOKEN_LEAST) % CAVEAT != 0 ||
        memcmp(token, magic, sizeof magic) != 0 || get(token + 4, 4) != VERSION ||
        get(token + 20, 4) > AUR_RIGHTS_ALL)
        return false;
    for (size_t at = HEAD; at < size - SIGNATURE; at += CAVEAT)
        if (!is_caveat(get(token + at, 4)) || get(token + at + 4, 4) != 0)
            return false;
    return true;
}

size_t aur_token_make(const uint8_t key[AUR_TOKEN_KEY], const struct aur_grant *grant,
                      uint8_t token[AUR_TOKEN_MOST])
{
    if (grant->rights > AUR_RIGHTS_ALL)
        return 0;
    memcpy(token, magic, sizeof magic);
    put(token + 4, VERSION, 4);
    put(token + 8, grant->key, 4);
    put(token + 12, grant->object, 4);
    put(token + 16, grant->badge, 4);
    put(token + 20, grant->rights, 4);
    put(token + 24, grant->serial, 8);
    aur_hmac_sha256(key, AUR_TOKEN_KEY, token, HEAD, token + HEAD);
    return AUR_TOKEN_LEAST;
}

size_t aur_token_attenuate(uint8_t token[AUR_TOKEN_MOST], size_t size, enum aur_caveat caveat,
                           uint64_t value)
{
    if (!is_token(token, size) || size + CAVEAT > AUR_TOKEN_MOST || !is_caveat(caveat))
        return 0;
    uint8_t signature[SIGNATURE], *at = token + size - SIGNATURE;
    memcpy(signature, at, sizeof signature);
    put(at, caveat, 4);
    put(at + 4, 0, 4);
    put(at + 8, value, 8);
    aur_hmac_sha256(signature, sizeof signature, at, CAVEAT, at + CAVEAT);
    return size + CAVEAT;
}

// In the same time wherever they differ.
static bool differ(const uint8_t *a, const uint8_t *b)
{
    uint32_t bits = 0;
    for (uint32_t i = 0; i < SIGNATURE; i++)
        bits |= (uint32_t)(a[i] ^ b[i]);
    return bits != 0;
}

enum aur_token_status aur_token_verify(const uint8_t key[AUR_TOKEN_KEY], const uint8_t *token,
                                       size_t size, uint64_t now_ns, uint64_t audience,
                                       struct aur_grant *grant)
{
    if (!is_token(token, size))
        return AUR_TOKEN_MALFORMED;
    uint8_t signature[SIGNATURE];
    enum aur_token_status status = AUR_TOKEN_GOOD;
    *grant = (struct aur_grant){.key = (uint32_t)get(token + 8, 4),
                                .object = (uint32_t)get(token + 12, 4),
                                .badge = (uint32_t)get(token + 16, 4),
                                .rights = (uint32_t)get(token + 20, 4),
                                .serial = get(token + 24, 8)};
    aur_hmac_sha256(key, AUR_TOKEN_KEY, token, HEAD, signature);
    for (size_t at = HEAD; at < size - SIGNATURE; at += CAVEAT) {
        uint64_t kind = get(token + at, 4), value = get(token + at + 8, 8);
        aur_hmac_sha256(signature, sizeof signature, token + at, CAVEAT, signature);
        if (kind == AUR_CAVEAT_RIGHTS)
            grant->rights &= (uint32_t)value;
        else if (kind == AUR_CAVEAT_EXPIRES && now_ns >= value)
            status = AUR_TOKEN_EXPIRED;
        else if (kind == AUR_CAVEAT_AUDIENCE && audience != value && status == AUR_TOKEN_GOOD)
            status = AUR_TOKEN_NOT_FOR_YOU;
    }
    // Of a forged one nothing else is told.
    return differ(signature, token + size - SIGNATURE) ? AUR_TOKEN_FORGED : status;
}

uint32_t aur_token_key(const uint8_t *token, size_t size)
{
    return is_token(token, size) ? (uint32_t)get(token + 8, 4) : UINT32_MAX;
}
