// The class `agent`: what its operations are told, what its helpers do, and why it is ejected.
#include <aurora/ext.h>

#include "sched/ext.h"
#include "tests/scene.h"

#define SLICE_NS 3000000

// What an agent writes down of each call: the operation's letter, the task, two arguments.
struct entry {
    uint32_t letter, task;
    int32_t first, second;
};

// Program text that begins each operation: notes letter, pid and two arguments in a ring buffer.
#define NOTE(letter, first, second)                                                                \
    "r6 = r1; r7 = *(u64 *)(r6 + 0); r1 = " letter "; *(u32 *)(r10 - 16) = r1\n"                   \
    "r1 = *(u32 *)(r7 + 40); *(u32 *)(r10 - 12) = r1\n" first "*(u32 *)(r10 - 8) = r1\n" second    \
    "*(u32 *)(r10 - 4) = r1; r1 = notes ll; r2 = r10; r2 += -16; r3 = 16; r4 = 0; call 130\n"
#define ARGUMENT(n) "r1 = *(u64 *)(r6 + " n ")\n"
#define NOTHING     "r1 = 0\n"

static uint32_t ejected_for, ejected_times;
static uint64_t ejected_detail;
static uint32_t ejected_task;

static void watch(struct host *watched, const struct aur_record *event)
{
    (void)event;
    for (uint32_t i = 0; i < watched->actions.count; i++)
        if (watched->actions.list[i].kind == AUR_ACT_EJECTED) {
            ejected_times++;
            ejected_for = watched->actions.list[i].object;
            ejected_task = watched->actions.list[i].task;
            ejected_detail = watched->actions.list[i].arg;
        }
}

static void open_with(const char *text, uint32_t cpus, uint64_t tick_ns)
{
    struct aur_config config = scene_config("agent", cpus, tick_ns);
    agent_scene_chosen = text;
    scene_open(&config);
    host.after = watch;
    ejected_for = AUR_EXT_END_NONE;
    ejected_times = 0;
}

static uint32_t notes(struct entry *list, uint32_t room)
{
    const struct aur_image *image = aur_ext_image(host.core);
    uint32_t at = 0, size, count = 0;
    const void *record;
    while ((record = aur_map_record(image, 0, &at, &size)) && count < room)
        memcpy(&list[count++], record, sizeof *list);
    return count;
}

static uint32_t slot_of(uint32_t task)
{
    return aur_core_task(host.core, task)->slot;
}

START_TEST(each_operation_is_told_what_happened_in_the_order_of_sched_ext)
{
    open_with(
        ".map notes ringbuf 0 0 4096\n"
        ".program t_init_task\n" NOTE(
            "73", NOTHING, NOTHING) "r0 = 0; exit\n" // I
                                    ".program t_enable\n" NOTE(
                                        "69", NOTHING, NOTHING) "exit\n" // E
                                                                ".program t_select_cpu\n" NOTE(
                                                                    "115", ARGUMENT("8"),
                                                                    ARGUMENT("16")) // s
        "r0 = *(u64 *)(r6 + 8); exit\n"
        ".program t_enqueue\n" NOTE("101", ARGUMENT("8"), NOTHING) // e
        "r1 = r7; r2 = 0x8000000000000001 ll; r3 = 3000000; r4 = 0\n"
        "call scx_bpf_dsq_insert; exit\n"
        ".program t_running\n" NOTE(
            "114", NOTHING, NOTHING) "exit\n" // r
                                     ".program t_stopping\n" NOTE(
                                         "112", ARGUMENT("8"),
                                         NOTHING) "exit\n" // p
                                                  ".program t_tick\n" NOTE("116", NOTHING,
                                                                           NOTHING) "exit\n", // t
        1, 2 * MILLISECOND);
    uint32_t a = host_spawn(&host, OTHER(0), 1);
    host_settle(&host);
    scene_pass(2 * MILLISECOND); // one tick
    host_by(&host, AUR_EV_BLOCK, a, 0, 0, host.now_ns + MILLISECOND);
    host_settle(&host);
    scene_pass(MILLISECOND);
    ck_assert_uint_eq(ejected_times, 0);
    // 4: it is new; 8: it wakes up. 1: it was woken.
    const struct entry expected[] = {
        {'I', a, 0, 0}, {'s', a, 0, 4}, {'E', a, 0, 0}, {'e', a, 0, 0}, {'r', a, 0, 0},
        {'t', a, 0, 0}, {'p', a, 0, 0}, {'s', a, 0, 8}, {'e', a, 1, 0}, {'r', a, 0, 0},
    };
    struct entry seen[32];
    uint32_t count = notes(seen, LENGTH(seen));
    for (uint32_t i = 0; i < count && i < LENGTH(expected); i++)
        if (memcmp(&seen[i], &expected[i], sizeof *seen) != 0)
            ck_abort_msg("note %u is %c, task %u, %d, %d", i, (char)seen[i].letter, seen[i].task,
                         seen[i].first, seen[i].second);
    ck_assert_uint_eq(count, LENGTH(expected));
    scene_close();
}
END_TEST

// A task stays where it is, and does not go past enqueue.
#define SELECT_PREVIOUS ".program select_cpu\nr0 = *(u64 *)(r1 + 8); exit\n"

// Slices of 3 ms from a queue by virtual time, charged by weight.
#define VTIME_INIT "r1 = 0; r2 = -1; call scx_bpf_create_dsq; exit\n"
#define VTIME                                                                                      \
    ".program init\n" VTIME_INIT SELECT_PREVIOUS ".program enqueue\n"                              \
    "r6 = r1; r1 = *(u64 *)(r6 + 0); r4 = *(u64 *)(r1 + 8); r2 = 0; r3 = 3000000; r5 = 0\n"        \
    "call scx_bpf_dsq_insert_vtime; exit\n"                                                        \
    ".program dispatch\nr1 = 0; call scx_bpf_dsq_move_to_local; exit\n"                            \
    ".program stopping\n"                                                                          \
    "r1 = *(u64 *)(r1 + 0); r2 = *(u64 *)(r1 + 0); r3 = 3000000; r3 -= r2; r3 *= 100\n"            \
    "r4 = *(u32 *)(r1 + 44); r3 /= r4; r2 = *(u64 *)(r1 + 8); r2 += r3\n"                          \
    "*(u64 *)(r1 + 8) = r2; exit\n"

START_TEST(an_agent_of_virtual_time_shares_by_weight_within_one_slice)
{
    // The next one is chosen before the last one is queued again, as in Linux: so nobody can have
    // more than half.
    const int nices[] = {0, 0, 0, 5};
    const uint64_t weights[] = {100, 100, 100, 33}; // of 1024 and 335, in hundredths of 1024
    uint32_t tasks[4];
    open_with(VTIME, 1, 0);
    for (uint32_t i = 0; i < 4; i++)
        tasks[i] = host_spawn(&host, OTHER(nices[i]), 1);
    scene_pass(5 * SECOND);
    for (uint32_t i = 0; i < 4; i++) {
        uint64_t due_ns = 5 * SECOND * weights[i] / 333;
        MUST_BE_WITHIN(host_ran_ns(&host, tasks[i]), due_ns - 2 * SLICE_NS, due_ns + 2 * SLICE_NS);
        ck_assert_uint_eq(slot_of(tasks[i]), AUR_SLOT_EXT);
    }
    scene_close();
}
END_TEST

START_TEST(equal_virtual_times_go_in_the_order_of_their_insertion)
{
    open_with(".program init\n" VTIME_INIT SELECT_PREVIOUS ".program enqueue\n"
              "r1 = *(u64 *)(r1 + 0); r2 = 0; r3 = 1000000; r4 = 7; r5 = 0\n"
              "call scx_bpf_dsq_insert_vtime; exit\n"
              ".program dispatch\nr1 = 0; call scx_bpf_dsq_move_to_local; exit\n",
              1, 0);
    uint32_t tasks[4];
    for (uint32_t i = 0; i < 4; i++) // the first one runs before the others are there
        tasks[i] = host_spawn(&host, OTHER(0), 1), host_settle(&host);
    for (uint32_t turn = 0; turn < 12; turn++) {
        ck_assert(host_runs(&host, tasks[turn % 4]));
        scene_pass(MILLISECOND);
    }
    scene_close();
}
END_TEST

START_TEST(without_operations_it_is_first_in_first_out_with_slices_of_20_ms)
{
    open_with(".program unused\nexit\n", 2, 0);
    uint32_t tasks[3];
    for (uint32_t i = 0; i < 3; i++)
        tasks[i] = host_spawn(&host, OTHER(0), ANYWHERE), host_settle(&host);
    ck_assert(host_runs(&host, tasks[0]) && host_runs(&host, tasks[1]));
    scene_pass(20 * MILLISECOND);
    ck_assert(host_runs(&host, tasks[2]));
    scene_pass(600 * MILLISECOND);
    for (uint32_t i = 0; i < 3; i++)
        MUST_BE_WITHIN(host_ran_ns(&host, tasks[i]), 380 * MILLISECOND, 440 * MILLISECOND);
    scene_close();
}
END_TEST

START_TEST(preempt_puts_a_task_before_the_one_that_runs)
{
    open_with(".program enqueue\n"
              "r1 = *(u64 *)(r1 + 0); r2 = 0x8000000000000002 ll; r3 = 5000000; r4 = 1; r4 <<= 32\n"
              "call scx_bpf_dsq_insert; exit\n"
              ".program select_cpu\nr0 = *(u64 *)(r1 + 8); exit\n",
              1, 0);
    uint32_t a = host_spawn(&host, OTHER(0), 1);
    host_settle(&host);
    scene_pass(MILLISECOND);
    uint32_t b = host_spawn(&host, OTHER(0), 1);
    host_settle(&host);
    ck_assert(host_runs(&host, b) && !host_runs(&host, a));
    scene_close();
}
END_TEST

START_TEST(a_task_keeps_what_is_left_of_its_slice_while_a_real_time_task_runs)
{
    open_with(VTIME, 1, 0);
    uint32_t a = host_spawn(&host, OTHER(0), 1), b = host_spawn(&host, OTHER(0), 1);
    host_settle(&host);
    uint32_t first = host_runs(&host, a) ? a : b;
    scene_pass(MILLISECOND);
    uint32_t real = host_spawn(&host, FIFO(10), 1);
    host_settle(&host);
    ck_assert(host_runs(&host, real));
    scene_pass(MILLISECOND);
    host_by(&host, AUR_EV_BLOCK, real, 0, 0, AUR_NEVER_NS);
    host_settle(&host);
    ck_assert(host_runs(&host, first));
    scene_pass(2 * MILLISECOND - 1);
    ck_assert(host_runs(&host, first));
    scene_pass(1);
    ck_assert(host_runs(&host, first == a ? b : a));
    scene_close();
}
END_TEST

START_TEST(each_task_has_a_storage_of_its_own_that_a_new_one_finds_empty)
{
    open_with(".map storage task_storage 4 8 1\n"
              ".program enqueue\n"
              "r6 = r1; r1 = storage ll; r2 = *(u64 *)(r6 + 0); r3 = 0; r4 = 0\n"
              "call bpf_task_storage_get; r1 = *(u64 *)(r0 + 0); r1 += 1; *(u64 *)(r0 + 0) = r1\n"
              "r1 = *(u64 *)(r6 + 0); r2 = 0x8000000000000001 ll; r3 = 0; r4 = 0\n"
              "call scx_bpf_dsq_insert; exit\n"
              ".program select_cpu\nr0 = 0; exit\n",
              1, 0);
    uint32_t task = host_spawn(&host, OTHER(0), 1);
    host_settle(&host);
    for (uint32_t i = 0; i < 3; i++) {
        host_by(&host, AUR_EV_BLOCK, task, 0, 0, host.now_ns + 1000);
        host_settle(&host);
        scene_pass(MILLISECOND);
    }
    const uint64_t *value = aur_map_value(aur_ext_image(host.core), 0, 0, &task);
    ck_assert_uint_eq(*value, 4);
    host_by(&host, AUR_EV_EXIT, task, 0, 0, 0);
    host_settle(&host);
    ck_assert_uint_eq(host_spawn(&host, OTHER(0), 1), task);
    host_settle(&host);
    ck_assert_uint_eq(*value, 1);
    scene_close();
}
END_TEST

// What an agent does wrong, with two tasks, and what it is ejected for.
#define INSERT(id, slice)                                                                          \
    "r1 = *(u64 *)(r1 + 0); r2 = " id " ll; r3 = " slice "; r4 = 0; call scx_bpf_dsq_insert\n"
static const struct {
    const char *text;
    enum aur_ext_reason reason;
} wrongs[] = {
    {".program enqueue\nexit\n", AUR_EXT_END_STALLED}, // keeps all, and hands out none
    {".program enqueue\nr1 = 0; r1 = *(u64 *)(r1 + 0); exit\n", AUR_EXT_END_FAULT},
    {".program enqueue\nagain: goto again\n", AUR_EXT_END_FUEL},
    {".program enqueue\n" INSERT("77", "0") "exit\n", AUR_EXT_END_BAD_QUEUE},
    {".program enqueue\n" INSERT("0xc000000000000009", "0") "exit\n", AUR_EXT_END_BAD_QUEUE},
    {".program enqueue\nr1 = 5; r2 = 0x8000000000000001 ll; r3 = 0; r4 = 0\n"
     "call scx_bpf_dsq_insert; exit\n",
     AUR_EXT_END_BAD_TASK},
    {".program select_cpu\nr0 = 99; exit\n", AUR_EXT_END_BAD_CPU},
    {".program select_cpu\nr0 = -1; exit\n", AUR_EXT_END_BAD_CPU},
    {".program enqueue\nr1 = 64; r2 = 0; call scx_bpf_kick_cpu; exit\n", AUR_EXT_END_BAD_CPU},
    {".program enqueue\nr6 = r1\n" INSERT("0x8000000000000001", "0") "r1 = r6\n" INSERT(
         "0x8000000000000001", "0") "exit\n",
     AUR_EXT_END_BAD_CALL},
    {".program running\nr1 = *(u64 *)(r1 + 0); r2 = 0x8000000000000001 ll; r3 = 0; r4 = 0\n"
     "call scx_bpf_dsq_insert; exit\n",
     AUR_EXT_END_BAD_CALL},
    {".program running\nr1 = 3; r2 = -1; call scx_bpf_create_dsq; exit\n", AUR_EXT_END_BAD_CALL},
    {".program enqueue\nr1 = 0; call scx_bpf_dsq_move_to_local; exit\n", AUR_EXT_END_BAD_QUEUE},
    {".program running\nr1 = *(u64 *)(r1 + 0); r2 = 1; *(u32 *)(r1 + 40) = r2; exit\n",
     AUR_EXT_END_FAULT}, // a field that is not the agent's
    {".program init_task\nr0 = -12; exit\n", AUR_EXT_END_INIT_TASK},
    {".program init\n" VTIME_INIT ".program enqueue\n"
     "r4 = *(u64 *)(r1 + 0); r6 = r4; r1 = r6; r2 = *(u32 *)(r6 + 40); r2 &= 1; if r2 == 0 goto "
     "list\n"
     "r1 = r6; r2 = 0; r3 = 1000000; r4 = 5; r5 = 0; call scx_bpf_dsq_insert_vtime; exit\n"
     "list: r1 = r6; r2 = 0; r3 = 1000000; r4 = 0; call scx_bpf_dsq_insert; exit\n",
     AUR_EXT_END_BAD_QUEUE}, // a list and a tree
};

START_TEST(an_agent_that_errs_is_ejected_with_its_reason_and_nothing_is_lost)
{
    for (size_t i = 0; i < LENGTH(wrongs); i++) {
        struct aur_config config = scene_config("agent", 2, i % 2 ? 0 : 4 * MILLISECOND);
        config.params[AUR_SLOT_EXT][AUR_EXT_TIMEOUT_NS] = 50 * MILLISECOND;
        agent_scene_chosen = wrongs[i].text;
        scene_open(&config);
        host.after = watch;
        ejected_for = AUR_EXT_END_NONE;
        ejected_times = 0;
        uint32_t tasks[5];
        for (uint32_t n = 0; n < 5; n++)
            tasks[n] = host_spawn(&host, OTHER(0), 1), host_settle(&host);
        scene_pass(SECOND);
        if (ejected_for != wrongs[i].reason || ejected_times != 1)
            ck_abort_msg("case %zu: ejected %u times, %s", i, ejected_times,
                         aur_ext_reason_text(ejected_for));
        for (uint32_t n = 0; n < 5; n++) {
            ck_assert_uint_eq(slot_of(tasks[n]), AUR_SLOT_FAIR);
            MUST_BE_WITHIN(host_ran_ns(&host, tasks[n]), 150 * MILLISECOND, 260 * MILLISECOND);
        }
        scene_close();
    }
}
END_TEST

START_TEST(a_fault_names_the_operation_and_the_instruction)
{
    open_with(wrongs[1].text, 1, 0);
    host_spawn(&host, OTHER(0), 1);
    host_settle(&host);
    uint32_t task = host_spawn(&host, OTHER(0), 1); // the first went past enqueue
    host_settle(&host);
    ck_assert_uint_eq(ejected_for, AUR_EXT_END_FAULT);
    ck_assert_uint_eq(ejected_detail, (uint64_t)AUR_EXT_ENQUEUE << 32 | 1);
    ck_assert_uint_eq(ejected_task, task);
    scene_close();
}
END_TEST

START_TEST(tasks_go_to_an_agent_that_is_loaded_while_they_run_and_come_back)
{
    open_with(VTIME, 2, 0);
    ck_assert_int_eq(host_event(&host, AUR_EV_AGENT_EJECT, 0, 0, 0, 0, 0), AUR_OK);
    host_settle(&host);
    uint32_t tasks[12];
    for (uint32_t n = 0; n < 12; n++)
        tasks[n] = host_spawn(&host, n == 3 ? FIFO(5) : OTHER((int)n - 6), ANYWHERE);
    host_settle(&host);
    scene_pass(20 * MILLISECOND);
    host_by(&host, AUR_EV_BLOCK, host.cpus[1].running, 0, 0, AUR_NEVER_NS);
    host_settle(&host);
    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t n = 0; n < 12; n++)
            ck_assert_uint_eq(slot_of(tasks[n]), n == 3 ? AUR_SLOT_REALTIME : AUR_SLOT_FAIR);
        ck_assert_int_eq(host_load(&host, VTIME), AUR_OK);
        host_settle(&host);
        for (uint32_t n = 0; n < 12; n++)
            ck_assert_uint_eq(slot_of(tasks[n]), n == 3 ? AUR_SLOT_REALTIME : AUR_SLOT_EXT);
        ck_assert_int_eq(host_load(&host, VTIME), AUR_BAD_ARGUMENT); // it is there already
        scene_pass(20 * MILLISECOND);
        ck_assert_int_eq(host_event(&host, AUR_EV_AGENT_EJECT, 0, 0, 0, 0, 0), AUR_OK);
        host_settle(&host);
    }
    ck_assert_uint_eq(ejected_times, 4);
    ck_assert_int_eq(host_event(&host, AUR_EV_AGENT_EJECT, 0, 0, 0, 0, 0), AUR_BAD_ARGUMENT);
    scene_close();
}
END_TEST

START_TEST(an_image_that_is_damaged_or_unproven_is_refused_and_nothing_changes)
{
    open_with(VTIME, 1, 0);
    ck_assert_int_eq(host_event(&host, AUR_EV_AGENT_EJECT, 0, 0, 0, 0, 0), AUR_OK);
    host_settle(&host);
    ck_assert_int_eq(host_load(&host, ".program enqueue\nr0 = r5; exit\n"), AUR_BAD_AGENT);
    ck_assert_int_eq(host_load(&host, ".program enqueue\nr1 = *(u64 *)(r1 + 32); exit\n"),
                     AUR_BAD_AGENT); // beyond the context
    uint64_t image[AGENT_SCENE_BYTES / 8];
    size_t bytes = agent_scene_build(&host.config, VTIME, image);
    uint64_t random = 20261201, taken = 0;
    for (uint32_t i = 0; i < 300; i++) {
        uint32_t at = (uint32_t)random_below(&random, bytes * 8);
        for (uint32_t word = 0; word < bytes / 8; word++)
            host_event(&host, AUR_EV_AGENT_DATA, 0, AUR_NONE, word, 0,
                       image[word] ^ (word == at / 64 ? 1ull << at % 64 : 0));
        if (host_event(&host, AUR_EV_AGENT_LOAD, 0, AUR_NONE, 0, 0, bytes) != AUR_OK)
            continue;
        taken++; // another agent, but one
        if (taken < 20)
            host_spawn(&host, OTHER(0), 1);
        scene_pass(10 * MILLISECOND);
        host_event(&host, AUR_EV_AGENT_EJECT, 0, 0, 0, 0, 0);
        host_settle(&host);
    }
    ck_assert_uint_lt(taken, 250);
    ck_assert_int_eq(host_event(&host, AUR_EV_AGENT_LOAD, 0, AUR_NONE, 0, 0, 1ull << 40),
                     AUR_BAD_AGENT);
    scene_must_be_sound();
    scene_close();
}
END_TEST

START_TEST(an_agent_attached_to_the_check_takes_away_and_never_gives)
{
    struct aur_config config = scene_config("agent", 1, 0);
    config.caps = 8;
    // Odd tasks may not write.
    agent_scene_chosen = ".program access\n"
                         "r2 = *(u64 *)(r1 + 0); r3 = *(u64 *)(r1 + 16); r3 &= 2; r0 = 0\n"
                         "if r2 == 0 goto out; r2 = *(u32 *)(r2 + 40); r2 &= 1\n"
                         "if r2 == 0 goto out; r0 = r3\n"
                         "out: exit\n";
    scene_open(&config);
    uint32_t even = host_spawn(&host, OTHER(0), 1), odd = host_spawn(&host, OTHER(0), 1);
    const struct {
        uint32_t owner, rights, denied;
    } cases[] = {
        {even, AUR_RIGHT_WRITE, AUR_DENIED_NONE},     {odd, AUR_RIGHT_WRITE, AUR_DENIED_AGENT},
        {odd, AUR_RIGHT_READ, AUR_DENIED_NONE},       {odd, AUR_RIGHT_NET, AUR_DENIED_NO_RIGHT},
        {AUR_NONE, AUR_RIGHT_WRITE, AUR_DENIED_NONE},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        host_event(&host, AUR_EV_CAP_MINT, 0, cases[i].owner, 5, 0,
                   AUR_RIGHT_READ | AUR_RIGHT_WRITE);
        uint64_t handle = host.actions.list[0].arg;
        host_event(&host, AUR_EV_ACCESS, 0, cases[i].owner, 5, cases[i].rights, handle);
        bool denied = host.actions.list[0].kind == AUR_ACT_DENIED;
        ck_assert_uint_eq(denied ? host.actions.list[0].object : AUR_DENIED_NONE, cases[i].denied);
    }
    scene_close();
}
END_TEST

START_TEST(without_the_class_there_is_nothing_to_load)
{
    scene("eevdf", 1, 0);
    ck_assert_int_eq(host_event(&host, AUR_EV_AGENT_DATA, 0, 0, 0, 0, 1), AUR_NO_CLASS);
    ck_assert_int_eq(host_event(&host, AUR_EV_AGENT_LOAD, 0, 0, 0, 0, 64), AUR_NO_CLASS);
    ck_assert_int_eq(host_event(&host, AUR_EV_AGENT_EJECT, 0, 0, 0, 0, 0), AUR_BAD_ARGUMENT);
    struct aur_config config = scene_config("agent", 1, 0);
    config.classes[AUR_SLOT_FAIR] = AUR_NONE; // nobody would take over
    ck_assert_uint_eq(aur_core_size(&config), 0);
    config = scene_config("eevdf", 1, 0);
    config.classes[AUR_SLOT_FAIR] = aur_class_find("agent");
    ck_assert_uint_eq(aur_core_size(&config), 0);
    config.classes[AUR_SLOT_FAIR] = aur_class_find("eevdf");
    config.classes[AUR_SLOT_EXT] = aur_class_find("fifo");
    ck_assert_uint_eq(aur_core_size(&config), 0);
    scene_close();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        each_operation_is_told_what_happened_in_the_order_of_sched_ext,
        an_agent_of_virtual_time_shares_by_weight_within_one_slice,
        equal_virtual_times_go_in_the_order_of_their_insertion,
        without_operations_it_is_first_in_first_out_with_slices_of_20_ms,
        preempt_puts_a_task_before_the_one_that_runs,
        a_task_keeps_what_is_left_of_its_slice_while_a_real_time_task_runs,
        each_task_has_a_storage_of_its_own_that_a_new_one_finds_empty,
        an_agent_that_errs_is_ejected_with_its_reason_and_nothing_is_lost,
        a_fault_names_the_operation_and_the_instruction,
        tasks_go_to_an_agent_that_is_loaded_while_they_run_and_come_back,
        an_image_that_is_damaged_or_unproven_is_refused_and_nothing_changes,
        an_agent_attached_to_the_check_takes_away_and_never_gives,
        without_the_class_there_is_nothing_to_load,
    };
    return run_tests("ext", tests, LENGTH(tests));
}
