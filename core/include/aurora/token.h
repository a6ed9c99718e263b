// Tokens: a capability that leaves a core, for another simulated machine or a web page. After
// macaroons (Birgisson et al., Macaroons: Cookies with Contextual Caveats, NDSS 2014): whoever has
// one can add caveats that make it worth less, nobody without the key can take one away.
//
// Bytes, numbers little endian:
//
//      0  "AURT", then the version, 1, in 4 bytes
//      8  number of the key, object, badge, rights: 4 bytes each
//     24  serial number, 8 bytes
//     32  caveats of 16 bytes: kind in 4, 0 in 4, value in 8; at most AUR_TOKEN_CAVEATS
//    end  signature, 32 bytes: HMAC-SHA-256 (RFC 2104, FIPS 180-4) of bytes 0 to 31 under the key,
//    then
//         for each caveat of its 16 bytes under the signature so far
//
// A token is checked once, outside of the state machine, which then is told CAP_MINT with what the
// token grants: so a log replays without keys, and no hash is computed where decisions are taken.
#ifndef AURORA_TOKEN_H
#define AURORA_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#define AUR_TOKEN_KEY     32u // bytes
#define AUR_TOKEN_CAVEATS 16u
#define AUR_TOKEN_LEAST   64u
#define AUR_TOKEN_MOST    (AUR_TOKEN_LEAST + 16u * AUR_TOKEN_CAVEATS)

enum aur_caveat {
    AUR_CAVEAT_EXPIRES = 1, // value: it is good before this instant, ns
    AUR_CAVEAT_RIGHTS,      // value: of its rights only these, enum aur_right
    AUR_CAVEAT_AUDIENCE     // value: good for whoever has this number only
};

// What CAP_MINT is told of it.
struct aur_grant {
    uint32_t key; // number of the key that it was made with, for hosts that have several
    uint32_t object, badge;
    uint32_t rights; // enum aur_right
    uint64_t serial;
};

enum aur_token_status {
    AUR_TOKEN_GOOD,
    AUR_TOKEN_MALFORMED, // no token of this version
    AUR_TOKEN_FORGED,    // not made with this key, or changed since
    AUR_TOKEN_EXPIRED,
    AUR_TOKEN_NOT_FOR_YOU, // of another audience
    AUR_TOKEN_STATUS_COUNT
};

const char *aur_token_status_text(uint32_t status);

// Writes a token without caveats and returns its size, AUR_TOKEN_LEAST; 0: rights out of range.
size_t aur_token_make(const uint8_t key[AUR_TOKEN_KEY], const struct aur_grant *grant,
                      uint8_t token[AUR_TOKEN_MOST]);

// Adds a caveat to a token of `size` bytes. Returns its new size; 0: it is no token, has no room,
// or there is no such caveat. Whether the token is good is not asked: that takes the key.
size_t aur_token_attenuate(uint8_t token[AUR_TOKEN_MOST], size_t size, enum aur_caveat caveat,
                           uint64_t value);

// Checks `size` bytes, which may be anything, and fills *grant, with all caveats applied, if they
// are good now and for this audience. The signature is compared in a time that does not depend on
// it. *grant is otherwise not to be used.
enum aur_token_status aur_token_verify(const uint8_t key[AUR_TOKEN_KEY], const uint8_t *token,
                                       size_t size, uint64_t now_ns, uint64_t audience,
                                       struct aur_grant *grant);

// The number of the key that a token says it was made with, before it is verified; UINT32_MAX: it
// is no token.
uint32_t aur_token_key(const uint8_t *token, size_t size);

#endif
