// The four functions of the small bridge, `AuroraKernel`: a scheduler, a policy check and an agent,
// each by one call with plain arguments, on top of the real core. web/wasm/README.md has them.
//
// One core serves them all: class prio with round robin among equals, one CPU, a clock that moves
// on by a nanosecond an event.
#include <emscripten.h>
#include <string.h>

#include <aurora/agent.h>
#include <aurora/assembler.h>
#include <aurora/core.h>
#include <aurora/rule.h>

#define PIDS      1024
#define PRIORITY  98 // the highest; 0 is the lowest
#define FUEL      1000000u
#define BLOCK     (1u << 20)
#define RULE_ROOM (1u << 20)

int wasm_schedule(int pid, int priority);
int wasm_schedule_next(int current_pid, const int *priorities, int count);
void wasm_policy_eval(const char *rule, int *result);
int wasm_policy_request(const char *principal, const char *action, const char *resource);
int wasm_agent_exec(const char *code, int sandbox_level);
const char *wasm_error(void);

static uint64_t block[BLOCK / 8] __attribute__((aligned(64)));
static struct aur_core *core; // in the block, once it is made
static struct aur_actions actions;
static uint64_t now_ns;
static uint32_t task_of[PIDS]; // the core's task + 1; 0: none yet
static int priority_of[PIDS];  // -1: it does not want to run
static char error[160];

static void fail(const char *text)
{
    size_t length = strlen(text);
    length = length < sizeof error ? length : sizeof error - 1;
    memcpy(error, text, length);
    error[length] = '\0';
}

static int post(uint32_t kind, uint32_t task, uint32_t object, uint64_t arg)
{
    const struct aur_record event = {
        .now_ns = ++now_ns, .arg = arg, .task = task, .object = object, .kind = (uint8_t)kind};
    enum aur_status status = aur_core_step(core, NULL, &event, &actions);
    if (status != AUR_OK)
        fail(aur_status_text(status));
    return status == AUR_OK;
}

static void dispatch(void)
{
    for (int again = 1; again;) {
        again = 0;
        for (uint32_t i = 0; i < actions.count; i++)
            again |= actions.list[i].kind == AUR_ACT_RESCHED;
        if (again && !post(AUR_EV_DISPATCH, AUR_NONE, 0, 0))
            return;
    }
}

static int begin(void)
{
    struct aur_config config;
    if (core)
        return 1;
    aur_config_default(&config, 1, AUR_NONE);
    config.classes[AUR_SLOT_DEADLINE] = AUR_NONE;
    config.tasks = PIDS;
    config.objects = 0;
    config.tick_ns = 0;
    core = (struct aur_core *)(void *)block;
    if (aur_core_init(block, sizeof block, &config) != AUR_OK) {
        core = NULL;
        fail("the core does not fit");
    }
    for (int pid = 0; pid < PIDS; pid++)
        priority_of[pid] = -1;
    return core != NULL;
}

static uint32_t kind_of(int priority)
{
    return aur_task_kind(AUR_POLICY_RR, 0, 1 + priority);
}

// The highest of all, so that it runs now.
static int run_now(int pid)
{
    uint32_t task = task_of[pid] - 1;
    int good = post(AUR_EV_TASK_SET, task, AUR_ATTR_POLICY,
                    aur_task_kind(AUR_POLICY_FIFO, 0, PRIORITY + 1));
    dispatch();
    return good;
}

// From now on the process wants to run with that priority, or if it is -1 not.
static int set(int pid, int priority)
{
    uint32_t task = task_of[pid] - 1;
    int before = priority_of[pid], good = 1;
    if (before == priority)
        return 1;
    priority_of[pid] = priority;
    if (priority < 0) {
        good = run_now(pid) && post(AUR_EV_BLOCK, task, 0, AUR_NEVER_NS);
    } else if (task_of[pid] == 0) {
        if (!post(AUR_EV_TASK_NEW, AUR_NONE, kind_of(priority), 1))
            return 0;
        for (uint32_t i = 0; i < actions.count; i++)
            if (actions.list[i].kind == AUR_ACT_MADE)
                task = actions.list[i].task;
        task_of[pid] = task + 1;
        good = post(AUR_EV_TASK_START, task, 0, 0);
    } else {
        good = post(AUR_EV_TASK_SET, task, AUR_ATTR_POLICY, kind_of(priority));
        if (good && before < 0)
            good = post(AUR_EV_WAKE, task, 0, 0);
    }
    dispatch();
    return good;
}

static int running(void)
{
    uint32_t task = aur_core_running(core, 0);
    for (int pid = 0; pid < PIDS && task != AUR_NONE; pid++)
        if (task_of[pid] == task + 1)
            return pid;
    return -1;
}

EMSCRIPTEN_KEEPALIVE int wasm_schedule(int pid, int priority)
{
    error[0] = '\0';
    if (pid < 0 || pid >= PIDS || priority < -1 || priority > PRIORITY) {
        fail("a pid is 0 to 1023, a priority 0 to 98, or -1: it does not want to run");
        return -2;
    }
    return begin() && set(pid, priority) ? running() : -2;
}

EMSCRIPTEN_KEEPALIVE int wasm_schedule_next(int current_pid, const int *priorities, int count)
{
    error[0] = '\0';
    if (count < 0 || count > PIDS || (count > 0 && !priorities)) {
        fail("0 to 1024 priorities");
        return -2;
    }
    for (int pid = 0; pid < count; pid++)
        if (priorities[pid] < -1 || priorities[pid] > PRIORITY) {
            fail("a priority is 0 to 98, or -1: it does not want to run");
            return -2;
        }
    if (!begin())
        return -2;
    for (int pid = 0; pid < PIDS; pid++)
        if (!set(pid, pid < count ? priorities[pid] : -1))
            return -2;
    // Its turn is over: among equals it is the last now.
    if (current_pid >= 0 && current_pid < count && priorities[current_pid] >= 0) {
        uint32_t task = task_of[current_pid] - 1;
        if (running() != current_pid && !run_now(current_pid))
            return -2;
        if (!post(AUR_EV_TASK_SET, task, AUR_ATTR_POLICY, kind_of(priorities[current_pid])))
            return -2;
        dispatch();
        if (running() == current_pid && !post(AUR_EV_YIELD, task, 0, 0))
            return -2;
        dispatch();
    }
    return running();
}

// Policies.

static uint64_t set_block[RULE_ROOM / 8], work_block[RULE_ROOM / 8], request_block[1024],
    store_block[256];
static char names[3][256] = {"Process::\"0\"", "Action::\"run\"", "Resource::\"0\""};

EMSCRIPTEN_KEEPALIVE int wasm_policy_request(const char *principal, const char *action,
                                             const char *resource)
{
    const char *given[3] = {principal, action, resource};
    error[0] = '\0';
    for (int i = 0; i < 3; i++)
        if (!given[i] || strlen(given[i]) >= sizeof names[i]) {
            fail("an entity is written Type::\"id\", in less than 256 bytes");
            return -1;
        }
    for (int i = 0; i < 3; i++)
        strcpy(names[i], given[i]);
    return 0;
}

static int make_request(void)
{
    struct aur_rule_builder builder;
    struct aur_rule_value entity[3];
    struct aur_rule_refusal refusal;
    aur_rule_store_begin(&builder, store_block, sizeof store_block);
    if (aur_rule_store_finish(&builder, NULL) != AUR_RULE_OK)
        return 0;
    aur_rule_request_begin(&builder, request_block, sizeof request_block);
    for (int i = 0; i < 3; i++)
        if (!aur_rule_read_entity(&builder, names[i], strlen(names[i]), &entity[i], &refusal)) {
            fail(refusal.text);
            return 0;
        }
    struct aur_rule_value context = aur_rule_make_record(&builder, NULL, 0);
    return aur_rule_request_finish(&builder, entity[0], entity[1], entity[2], context) ==
           AUR_RULE_OK;
}

EMSCRIPTEN_KEEPALIVE void wasm_policy_eval(const char *rule, int *result)
{
    struct aur_rule_refusal refusal;
    error[0] = '\0';
    *result = -1;
    if (!rule || aur_rule_compile(set_block, sizeof set_block, rule, strlen(rule), &refusal) !=
                     AUR_RULE_OK) {
        fail(rule ? refusal.text : "no policy");
        return;
    }
    if (!make_request())
        return;
    const struct aur_rule_work work = {work_block, sizeof work_block, 0};
    struct aur_rule_result decided = {0};
    aur_rule_evaluate((const struct aur_rule_set *)(const void *)set_block,
                      (const struct aur_rule_store *)(const void *)store_block,
                      (const struct aur_rule_request *)(const void *)request_block, NULL, &work,
                      &decided);
    *result = decided.decision == AUR_RULE_ALLOW;
}

// Agents.

static struct aur_assembly assembly;
static uint64_t image[RULE_ROOM / 8];
static uint32_t scratch[RULE_ROOM / 4];

EMSCRIPTEN_KEEPALIVE int wasm_agent_exec(const char *code, int sandbox_level)
{
    struct aur_agent_refusal refusal;
    const struct aur_agent_contract contract = {AUR_NONE, true};
    struct aur_image *built = (struct aur_image *)(void *)image;
    error[0] = '\0';
    if (!code || sandbox_level < AUR_LEVEL_PURE || sandbox_level > AUR_LEVEL_MAPS) {
        fail("a sandbox level here is 0, 1 or 2");
        return -1;
    }
    if (!aur_agent_assemble(code, strlen(code), &assembly)) {
        fail(assembly.error);
        return -1;
    }
    if (!aur_agent_build(&assembly.source, image, sizeof image, &refusal) ||
        aur_agent_scratch_bytes(built) > sizeof scratch ||
        !aur_agent_verify(built, &contract, scratch, &refusal)) {
        fail(aur_agent_status_text(refusal.status));
        return -1;
    }
    if (built->level > (uint32_t)sandbox_level) {
        fail(aur_agent_status_text(AUR_AGENT_LEVEL));
        return -1;
    }
    const struct aur_agent_env env = {.fuel = FUEL};
    struct aur_agent_result result;
    aur_agent_run(built, 0, &env, &result);
    if (result.status != AUR_AGENT_DONE) {
        fail(aur_agent_status_text(result.status));
        return -1;
    }
    return (int)result.r0;
}

EMSCRIPTEN_KEEPALIVE const char *wasm_error(void)
{
    return error;
}
