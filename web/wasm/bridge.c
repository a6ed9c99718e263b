// What a JavaScript host may call: exports, nothing else.
#include <emscripten.h>
#include <stdlib.h>

#include "machine/inputs.h"
#include "machine/simulate.h"

uint8_t *aur_bridge_reserve(uint32_t size);
void aur_bridge_release(uint8_t *bytes);
uint32_t aur_bridge_simulate(const uint8_t *bytes, uint32_t size);
uint64_t aur_bridge_digest(void);
uint64_t aur_bridge_events(void);
uint64_t aur_bridge_sched_events(void);
const char *aur_bridge_failure(void);

static struct aur_failure failure;
static struct aur_run_result result;

// Memory for `size` bytes of encoded inputs; 0 if there is none. aur_bridge_release gives it back.
EMSCRIPTEN_KEEPALIVE uint8_t *aur_bridge_reserve(uint32_t size)
{
    return malloc(size);
}

EMSCRIPTEN_KEEPALIVE void aur_bridge_release(uint8_t *bytes)
{
    free(bytes);
}

// Runs the inputs (machine/inputs.h); 1 when done, else 0 and aur_bridge_failure says why.
EMSCRIPTEN_KEEPALIVE uint32_t aur_bridge_simulate(const uint8_t *bytes, uint32_t size)
{
    struct aur_inputs inputs;
    failure.text[0] = '\0';
    aur_run_result_free(&result);
    aur_inputs_init(&inputs);
    bool done = aur_inputs_decode(&inputs, bytes, size, &failure) &&
                aur_simulate(&inputs, NULL, &result, &failure);
    aur_inputs_free(&inputs);
    return done;
}

// Of the last run.
EMSCRIPTEN_KEEPALIVE uint64_t aur_bridge_digest(void)
{
    return result.digest;
}

EMSCRIPTEN_KEEPALIVE uint64_t aur_bridge_events(void)
{
    return result.events;
}

EMSCRIPTEN_KEEPALIVE uint64_t aur_bridge_sched_events(void)
{
    return result.sched_events;
}

EMSCRIPTEN_KEEPALIVE const char *aur_bridge_failure(void)
{
    return failure.text;
}
