// Any bytes as a token: none is good but by the key, and a caveat more never grants more.
#include <stdlib.h>
#include <string.h>

#include <aurora/cap.h>
#include <aurora/token.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t key[AUR_TOKEN_KEY] = "the key that the corpus was made";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aur_grant grant, less;
    uint8_t token[AUR_TOKEN_MOST];
    enum aur_token_status status = aur_token_verify(key, data, size, 1000, 5, &grant);
    if (status == AUR_TOKEN_MALFORMED) {
        if (aur_token_key(data, size) != UINT32_MAX)
            abort();
        return 0;
    }
    if (status == AUR_TOKEN_GOOD && grant.rights > AUR_RIGHTS_ALL)
        abort();
    memcpy(token, data, size);
    size_t longer = aur_token_attenuate(token, size, AUR_CAVEAT_RIGHTS, data[size - 1]);
    if (!longer)
        return 0;
    enum aur_token_status then = aur_token_verify(key, token, longer, 1000, 5, &less);
    if (then != status || (then == AUR_TOKEN_GOOD && less.rights & ~grant.rights))
        abort();
    return 0;
}
