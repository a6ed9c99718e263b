// Pipes between tasks, against the rules of Linux's fs/pipe.c worked out by hand, and what a
// wake-up costs its waker.
#include "tests/simulate_scene.h"

#define SEND(pipe, bytes)                                                                          \
    {                                                                                              \
        .code = AUR_OP_SEND, .object = (pipe), .value = (bytes)                                    \
    }
#define RECEIVE(pipe)                                                                              \
    {                                                                                              \
        .code = AUR_OP_RECEIVE, .object = (pipe)                                                   \
    }

static void setup(void)
{
    end_scene();
}

static uint32_t add_pipe(void)
{
    uint32_t pipe = add_object(AUR_OBJECT_COND, 0, "p");
    add_object(AUR_OBJECT_COND, 0, "p");
    return pipe;
}

START_TEST(a_reader_of_an_empty_pipe_waits_for_the_first_message)
{
    begin("fifo", 2);
    uint32_t pipe = add_pipe();
    add_task("reader", RECEIVE(pipe), RUN(1 * MS));
    add_task("writer", RUN(3 * MS), SEND(pipe, 100), RUN(5 * MS));
    run_scene();
    ck_assert_uint_eq(task_of(0)->wakeups, 1);
    ck_assert_uint_eq(task_of(0)->turnaround_ns, 4 * MS);
    ck_assert_uint_eq(task_of(1)->wakeups, 0);
}
END_TEST

START_TEST(a_pipe_holds_16_pages_of_whole_messages_and_a_writer_waits_for_a_whole_page)
{
    // 40 messages of 100 bytes in a page, 640 in all. The 641st waits until the 40th is read: at
    // 100 ms + 39 times 1 ms, for the reader reads at the start of each of its milliseconds.
    begin("fifo", 2);
    uint32_t pipe = add_pipe();
    add_task("writer", LOOP(641), SEND(pipe, 100), END);
    add_task("reader", RUN(100 * MS), LOOP(641), RECEIVE(pipe), RUN(1 * MS), END);
    run_scene();
    ck_assert_uint_eq(task_of(0)->wakeups, 1);
    ck_assert_uint_eq(task_of(0)->turnaround_ns, 139 * MS);
    ck_assert_uint_eq(task_of(1)->wakeups, 0);
    // One less does not wait, nor do 16 of more than half a page, which have a page each.
    static const uint64_t messages[][2] = {{640, 100}, {16, 2049}, {32, 2048}, {16, 4096}};
    for (size_t i = 0; i < LENGTH(messages); i++)
        for (uint64_t more = 0; more < 2; more++) {
            begin("fifo", 2);
            pipe = add_pipe();
            add_task("writer", LOOP(messages[i][0] + more), SEND(pipe, messages[i][1]), END);
            add_task("reader", RUN(1 * MS), LOOP(messages[i][0] + more), RECEIVE(pipe), END);
            run_scene();
            ck_assert_uint_eq(task_of(0)->wakeups, more);
        }
}
END_TEST

START_TEST(writers_that_wait_are_woken_one_after_the_other)
{
    begin("fifo", 4);
    uint32_t pipe = add_pipe();
    for (uint32_t i = 0; i < 3; i++)
        add_task("writer", RUN((i + 1) * MS), LOOP(16), SEND(pipe, 4096), END);
    add_task("reader", RUN(100 * MS), LOOP(48), RECEIVE(pipe), RUN(1 * MS), END);
    run_scene();
    ck_assert_uint_eq(scene.result.live, 0);
    ck_assert_uint_eq(task_of(0)->wakeups, 0); // it filled the pipe
    ck_assert_uint_ge(task_of(1)->wakeups, 1);
    ck_assert_uint_ge(task_of(2)->wakeups, 1);
}
END_TEST

START_TEST(who_wakes_through_a_pipe_says_that_it_will_block_soon)
{
    begin("fifo", 1);
    uint32_t pipe = add_pipe();
    add_task("reader", RECEIVE(pipe));
    add_task("writer", RUN(1 * MS), SEND(pipe, 1));
    run_scene();
    const struct aur_record *signal = nth(AUR_EV_SIGNAL, AUR_NONE, 0);
    ck_assert_ptr_nonnull(signal);
    ck_assert_uint_eq(signal->other, AUR_WAKE_SYNC);
}
END_TEST

START_TEST(a_wake_up_costs_the_waker_its_time_before_it_goes_on)
{
    begin("fifo", 2);
    scene.inputs.machine.wake_cost_ns = 4 * US;
    uint32_t pipe = add_pipe();
    add_task("reader", RECEIVE(pipe), RUN(1 * MS), RECEIVE(pipe));
    add_task("writer", RUN(2 * MS), SEND(pipe, 100), RUN(3 * MS), SEND(pipe, 100), RUN(1 * MS));
    run_scene();
    ck_assert_uint_eq(task_of(0)->turnaround_ns, 5 * MS + 4 * US);
    ck_assert_uint_eq(task_of(1)->turnaround_ns, 6 * MS + 8 * US);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_reader_of_an_empty_pipe_waits_for_the_first_message,
        a_pipe_holds_16_pages_of_whole_messages_and_a_writer_waits_for_a_whole_page,
        writers_that_wait_are_woken_one_after_the_other,
        who_wakes_through_a_pipe_says_that_it_will_block_soon,
        a_wake_up_costs_the_waker_its_time_before_it_goes_on,
    };
    return run_tests("pipe", tests, LENGTH(tests), setup);
}
