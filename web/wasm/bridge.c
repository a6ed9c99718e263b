// What a JavaScript host may call: exports, nothing else.
#include <emscripten.h>
#include <stdlib.h>

#include <aurora/core.h>
#include <aurora/explain.h>

#include "machine/inputs.h"
#include "machine/simulate.h"

uint8_t *aur_bridge_reserve(uint32_t size);
void aur_bridge_release(uint8_t *bytes);
uint32_t aur_bridge_simulate(const uint8_t *bytes, uint32_t size);
uint64_t aur_bridge_digest(void);
uint64_t aur_bridge_events(void);
uint64_t aur_bridge_sched_events(void);
const char *aur_bridge_failure(void);
uint32_t aur_bridge_step(struct aur_core *core, const struct aur_record *event);
const struct aur_actions *aur_bridge_actions(void);
uint64_t aur_bridge_core_digest(const struct aur_core *core);
uint32_t aur_bridge_explain(const struct aur_core *core, const struct aur_record *dispatch);
const struct aur_explanation *aur_bridge_explanation(void);
const char *aur_bridge_key_text(uint32_t key);
const char *aur_bridge_key_unit(uint32_t key);
const char *aur_bridge_rule_text(uint32_t rule);

#define RING 256u // records: what a log must hold at least (aurora/log.h)

static struct aur_failure failure;
static struct aur_run_result result;
static struct aur_actions actions;
static struct aur_explanation explanation;

// Memory for `size` bytes of inputs or of a state block, aligned to 64; 0 if there is none.
// aur_bridge_release gives it back.
EMSCRIPTEN_KEEPALIVE uint8_t *aur_bridge_reserve(uint32_t size)
{
    return aligned_alloc(64, ((size_t)size + 63) & ~(size_t)63);
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

// Takes an event into a core (aurora/core.h) and returns the status, enum aur_status. What it
// answered is at aur_bridge_actions.
EMSCRIPTEN_KEEPALIVE uint32_t aur_bridge_step(struct aur_core *core, const struct aur_record *event)
{
    static struct aur_record ring[RING]; // what a full log is told is not kept
    struct aur_log log = {.ring = ring, .capacity = RING};
    return aur_core_step(core, &log, event, &actions);
}

EMSCRIPTEN_KEEPALIVE const struct aur_actions *aur_bridge_actions(void)
{
    return &actions;
}

EMSCRIPTEN_KEEPALIVE uint64_t aur_bridge_core_digest(const struct aur_core *core)
{
    return aur_core_digest(core);
}

// Explains the decision that a DISPATCH would take (aurora/explain.h) and returns the status. The
// answer is at aur_bridge_explanation, with all candidates, until the next call.
EMSCRIPTEN_KEEPALIVE uint32_t aur_bridge_explain(const struct aur_core *core,
                                                 const struct aur_record *dispatch)
{
    const struct aur_config *config = aur_core_config(core);
    void *scratch = aur_bridge_reserve((uint32_t)aur_core_size(config));
    free(explanation.list);
    explanation.room = config->tasks + config->groups;
    explanation.list = calloc(explanation.room, sizeof *explanation.list);
    if (!scratch || !explanation.list)
        abort();
    uint32_t status = aur_core_explain(core, scratch, dispatch, &explanation);
    free(scratch);
    return status;
}

EMSCRIPTEN_KEEPALIVE const struct aur_explanation *aur_bridge_explanation(void)
{
    return &explanation;
}

// The words for enum aur_key and enum aur_rule.
EMSCRIPTEN_KEEPALIVE const char *aur_bridge_key_text(uint32_t key)
{
    return aur_key_text(key);
}

EMSCRIPTEN_KEEPALIVE const char *aur_bridge_key_unit(uint32_t key)
{
    return aur_key_unit(key);
}

EMSCRIPTEN_KEEPALIVE const char *aur_bridge_rule_text(uint32_t rule)
{
    return aur_rule_text(rule);
}
