// What the rt-app importer says of a bad file: the whole line, with the place and the mend.
#include "tests/chance.h"
#include "tests/rtapp_cases.h"

struct bad_case {
    const char *text, *failure;
};

static void check_cases(const struct bad_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ck_assert_str_eq(failure_of(cases[i].text), cases[i].failure);
}
#define CHECK_CASES(cases) check_cases(cases, LENGTH(cases))

START_TEST(an_unknown_key_is_refused_with_line_and_nearest_known_key)
{
    static const struct bad_case cases[] = {
        {"{\"task\": {}}", "f:1: unknown key \"task\" in the file, did you mean \"tasks\"?"},
        {"{\"tasks\": {\"a\": {\n\"priorty\": 1,\n\"run\": 1}}}",
         "f:2: unknown key \"priorty\" in a task, did you mean \"priority\"?"},
        {"{\"tasks\": {\"a\": {\"phases\": {\"p\": {\n\n\"instance\": 1, \"run\": 1}}}}}",
         "f:3: unknown key \"instance\" in a phase, remove it"},
        {"{\"tasks\": {\"a\": {\"sleap\": 1}}}",
         "f:1: unknown key \"sleap\" in a task, did you mean \"sleep\"?"},
        {"{\"global\": {\n\"durration\": 1}, \"tasks\": {\"a\": {\"run\": 1}}}",
         "f:2: unknown key \"durration\" in \"global\", did you mean \"duration\"?"},
        {"{\"tasks\": {\"a\": {\"timer\": {\"ref\": \"x\",\n\"peroid\": 1}}}}",
         "f:2: unknown key \"peroid\" in timer, did you mean \"period\"?"},
        {"{\"tasks\": {\"a\": {\"wait\": {\"ref\": \"x\", \"mutx\": \"m\"}}}}",
         "f:1: unknown key \"mutx\" in wait, did you mean \"mutex\"?"},
        {"{\"resources\": {\"m\": {\"typ\": \"mutex\"}}, \"tasks\": {\"a\": {\"run\": 1}}}",
         "f:1: unknown key \"typ\" in a resource, did you mean \"type\"?"},
    };
    CHECK_CASES(cases);
}
END_TEST

START_TEST(a_value_of_the_wrong_type_or_range_is_refused)
{
    static const struct bad_case cases[] = {
        {"[]", "f:1: not an rt-app workload, start it with {\"tasks\": {...}}"},
        {"{\"tasks\": []}", "f:1: \"tasks\" must be a map of at least one task"},
        {"{\"tasks\": {}}", "f:1: \"tasks\" must be a map of at least one task"},
        {"{\"tasks\": {\"a\": 1}}", "f:1: the task \"a\" must be a map of events"},
        {"{\"tasks\": {\"a\": {\n\"run\": -5}}}",
         "f:2: \"run\" is -5, but must be a time, which cannot be negative"},
        {"{\"tasks\": {\"a\": {\"run\": true}}}",
         "f:1: \"run\" is true, but must be a time such as 250, \"4ms\" or \"1.5us\""},
        {"{\"tasks\": {\"a\": {\"mem\": -1}}}",
         "f:1: \"mem\" is -1, but must be a whole number from 0 to 9007199254740992"},
        {"{\"tasks\": {\"a\": {\"lock\": 5}}}", "f:1: \"lock\" is 5, but must be text in quotes"},
        {"{\"tasks\": {\"a\": {\"lock1\": \"\"}}}",
         "f:1: \"lock1\" needs a name, as \"lock1\": \"m\""},
        {"{\"tasks\": {\"a\": {\"suspend\": 1}}}",
         "f:1: \"suspend\" is 1, but must be text in quotes"},
        {"{\"tasks\": {\"a\": {\"resume\": \"\"}}}",
         "f:1: \"resume\" needs a name, as \"resume\": \"m\""},
        {"{\"tasks\": {\"a\": {\"resume\"}}}",
         "f:1: \"resume\" is empty, but must be text in quotes"},
        {"{\"tasks\": {\"a\": {\"timer\": 5}}}",
         "f:1: \"timer\" must be a map, as {\"ref\": \"unique\", \"period\": 10000}"},
        {"{\"tasks\": {\"a\": {\"timer\": {\"ref\": \"x\", \"period\": -1}}}}",
         "f:1: \"period\" is -1, but must be a time, which cannot be negative"},
        {"{\"tasks\": {\"a\": {\"timer\": {\"ref\": \"x\", \"period\": 1, \"period\": 2}}}}",
         "f:1: \"period\" is here already, on line 1, remove one"},
        {"{\"tasks\": {\"a\": {\"timer\": {\"ref\": \"x\", \"mode\": \"absolut\"}}}}",
         "f:1: unknown mode \"absolut\", did you mean \"absolute\"?"},
        {"{\"tasks\": {\"a\": {\"wait\": {\"mutex\": \"x\"}}}}",
         "f:1: \"wait\" needs \"ref\", as {\"ref\": \"queue\", \"mutex\": \"m\"}"},
        {"{\"tasks\": {\"a\": {\"sync\": {\"ref\": \"x\"}}}}",
         "f:1: \"sync\" needs \"ref\" and \"mutex\", as {\"ref\": \"queue\", \"mutex\": \"m\"}"},
        {"{\"tasks\": {\"a\": {\"sync\": \"x\"}}}",
         "f:1: \"sync\" must be a map, as {\"ref\": \"queue\", \"mutex\": \"m\"}"},
        {"{\"tasks\": {\"a\": {\"loop\": 0, \"run\": 1}}}",
         "f:1: \"loop\" is 0, write -1 to loop for ever, or a count of at least 1"},
        {"{\"tasks\": {\"a\": {\"loop\": -2, \"run\": 1}}}",
         "f:1: \"loop\" is -2, but must be a whole number from -1 to 2147483647"},
        {"{\"tasks\": {\"a\": {\"instance\": -1, \"run\": 1}}}",
         "f:1: \"instance\" is -1, but must be a whole number from 0 to 16777216"},
        {"{\"tasks\": {\"a\": {\"delay\": -1, \"run\": 1}}}",
         "f:1: \"delay\" is -1, but must be a time, which cannot be negative"},
        {"{\"tasks\": {\"a\": {\"cpus\": [], \"run\": 1}}}",
         "f:1: \"cpus\" must be a list of CPU numbers, as [0, 1]"},
        {"{\"tasks\": {\"a\": {\"cpus\": 0, \"run\": 1}}}",
         "f:1: \"cpus\" must be a list of CPU numbers, as [0, 1]"},
        {"{\"tasks\": {\"a\": {\"cpus\": [64], \"run\": 1}}}",
         "f:1: this item is 64, but must be a whole number from 0 to 63"},
        {"{\"tasks\": {\"a\": {\"policy\": \"SCHED_FIF0\", \"run\": 1}}}",
         "f:1: unknown policy \"SCHED_FIF0\", did you mean \"SCHED_FIFO\"?"},
        {"{\"tasks\": {\"a\": {\"priority\": 20, \"run\": 1}}}",
         "f:1: \"priority\" is 20, but must be a whole number from -20 to 19"},
        {"{\"tasks\": {\"a\": {\"policy\": \"SCHED_RR\", \"priority\": 0, \"run\": 1}}}",
         "f:1: \"priority\" is 0, but must be a whole number from 1 to 99"},
        {"{\"tasks\": {\"a\": {\"util_min\": 1025, \"run\": 1}}}",
         "f:1: \"util_min\" is 1025, but must be a whole number from -1 to 1024"},
        {"{\"tasks\": {\"a\": {\"taskgroup\": \"x\", \"run\": 1}}}",
         "f:1: the taskgroup \"x\" must start with a slash"},
        {"{\"tasks\": {\"a\": {\"nodes_membind\": 1, \"run\": 1}}}",
         "f:1: \"nodes_membind\" must be a list of node numbers, as [0]"},
        {"{\"global\": {\"duration\": -5}, \"tasks\": {\"a\": {\"run\": 1}}}",
         "f:1: \"duration\" is -5, but must be a time, which cannot be negative"},
        {"{\"global\": {\"gnuplot\": 1}, \"tasks\": {\"a\": {\"run\": 1}}}",
         "f:1: \"gnuplot\" must be true or false"},
        {"{\"global\": {\"frag\": 1,\n\"frag\": 2}, \"tasks\": {\"a\": {\"run\": 1}}}",
         "f:2: \"frag\" is here already, on line 1, remove one"},
        {"{\"resources\": {\"m\": {\"type\": \"mutexx\"}}, \"tasks\": {\"a\": {\"run\": 1}}}",
         "f:1: unknown resource type \"mutexx\", did you mean \"mutex\"?"},
    };
    CHECK_CASES(cases);
}
END_TEST

START_TEST(a_bad_distribution_is_refused)
{
    static const struct bad_case cases[] = {
        {"{\"tasks\": {\"a\": {\"run\": {\n\"exponentail\": 5}}}}",
         "f:2: unknown key \"exponentail\" in a distribution, did you mean \"exponential\"?"},
        {"{\"tasks\": {\"a\": {\"run\": {}}}}",
         "f:1: \"run\" must be a time or one distribution, as {\"exponential\": 2000}"},
        {"{\"tasks\": {\"a\": {\"run\": {\"exponential\": 5, \"constant\": 5}}}}",
         "f:1: \"run\" must be a time or one distribution, as {\"exponential\": 2000}"},
        {"{\"tasks\": {\"a\": {\"run\": {\n\"exponential\": -5}}}}",
         "f:2: the exponential distribution of \"run\": a time must be at least 0 and at most 2^62 "
         "ns"},
        {"{\"tasks\": {\"a\": {\"run\": {\"exponential\": \"x\"}}}}",
         "f:1: \"exponential\" is \"x\", but must be a time such as 250, \"4ms\" or \"1.5us\""},
        {"{\"tasks\": {\"a\": {\"run\": {\"normal\": 5}}}}",
         "f:1: \"normal\" must be a map of its parameters, as {\"mean\": ..., \"stddev\": ...}"},
        {"{\"tasks\": {\"a\": {\"run\": {\"normal\": {\"mean\": 5}}}}}",
         "f:1: \"normal\" has no \"stddev\", add it"},
        {"{\"tasks\": {\"a\": {\"run\": {\"normal\": {\"mean\": 5, \"sttdev\": 1}}}}}",
         "f:1: unknown key \"sttdev\" in normal, did you mean \"stddev\"?"},
        {"{\"tasks\": {\"a\": {\"run\": {\"uniform\": {\"low\": 5, \"high\": 1}}}}}",
         "f:1: the uniform distribution of \"run\": low must not be above high"},
        {"{\"tasks\": {\"a\": {\"run\": {\"empirical\": []}}}}",
         "f:1: \"empirical\" must be a list of times, as [100, 250]"},
        {"{\"tasks\": {\"a\": {\"run\": {\"constant\": 0}}}}",
         "f:1: an endless loop in which no time can pass, put a run, sleep or timer above 0 into "
         "it"},
    };
    CHECK_CASES(cases);
}
END_TEST

START_TEST(a_task_that_rt_app_could_not_run_as_written_is_refused)
{
    static const struct bad_case cases[] = {
        {"{\"tasks\": {\"a\": {\"loop\": 1,\n\"loop\": 2, \"run\": 1}}}",
         "f:2: \"loop\" is here already, on line 1, remove one"},
        {"{\"tasks\": {\n\"a\": {\"loop\": 1}}}",
         "f:2: \"a\" has no events, add one such as \"run\""},
        {"{\"tasks\": {\"a\": {\"phases\": {}}}}",
         "f:1: \"phases\" must be a map of at least one phase"},
        {"{\"tasks\": {\"a\": {\"phases\": {\"p\": 1}}}}",
         "f:1: the phase \"p\" must be a map of events"},
        {"{\"tasks\": {\"a\": {\"phases\": {\"p\": {\"run\": 1}},\n\"sleep\": 1}}}",
         "f:2: \"sleep\" stands beside \"phases\", where rt-app never runs it, move it into a "
         "phase"},
        {"{\"tasks\": {\"a\": {\"run\": 1,\n\"fork\": \"b\"}}}",
         "f:2: \"a\" forks \"b\", but no task has that name, define it with \"instance\": 0"},
        {"{\"tasks\": {\"a\": {\"instance\": 0, \"run\": 1}}}",
         "f: no task starts, give at least one an instance"},
        {"{\"tasks\": {\"a\": {\"run\": 1}, \"b\": {\"instance\": 0,\n\"barrier\": \"x\"}}}",
         "f:2: the barrier \"x\" waits for 0 tasks, name it in 1 to 16777216 instances"},
        {"{\"tasks\": {\"a\": {\"exec\": 1, \"period\": 2}}}",
         "f:1: \"exec\" is of the grammar before rt-app 1.0, which rt-app 1.0 refuses too, write "
         "\"run\", \"lock\", \"unlock\" and \"timer\" events instead"},
        {"{\"tasks\": {\"a\": {\"run\": 1,\n\"period\": 2}}}",
         "f:2: \"period\" of a task means something under SCHED_DEADLINE only, write \"timer\": "
         "{\"ref\": \"unique\", \"period\": ...} for a periodic task"},
        {"{\"tasks\": {\"a\": {\"policy\": \"SCHED_DEADLINE\", \"run\": 1}}}",
         "f:1: SCHED_DEADLINE without a budget, give \"dl-runtime\" and \"dl-period\" in "
         "microseconds"},
        {"{\"tasks\": {\"a\": {\"policy\": \"SCHED_DEADLINE\",\n\"dl-runtime\": 5, \"dl-period\": "
         "4, \"run\": 1}}}",
         "f:2: SCHED_DEADLINE wants dl-runtime <= dl-deadline <= dl-period, but they are 5, 4 and "
         "4 us"},
        {"{\"global\": {\"duration\": 1}}",
         "f:1: no \"tasks\" here, so there is nothing to run, merge it with a file that has them"},
        {"{\"tasks\": {\"a\": {\"run\": 1}},\n\"tasks\": {}}",
         "f:2: \"tasks\" is here already, on line 1, remove one"},
    };
    CHECK_CASES(cases);
}
END_TEST

START_TEST(an_endless_loop_without_time_is_refused)
{
    static const char mend[] = "an endless loop in which no time can pass, put a run, sleep or "
                               "timer above 0 into it";
    static const struct bad_case cases[] = {
        {"{\"tasks\": {\n\"a\": {\"yield\": \"\"}}}", "f:2: "},
        {"{\"tasks\": {\"a\": {\"run\": 0, \"sleep\": 0, \"mem\": 0, \"resume\": \"b\"}}}",
         "f:1: "},
        {"{\"tasks\": {\"a\": {\"timer\": {\"ref\": \"x\", \"period\": 0}}}}", "f:1: "},
        {"{\"tasks\": {\"a\": {\"phases\": {\"p\": {\"run\": 1},\n\"q\": {\"loop\": -1, "
         "\"signal\": "
         "\"c\"}}}}}",
         "f:2: "},
        {"{\"tasks\": {\"a\": {\"barrier\": \"x\"}}}", "f:1: "},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char wanted[200];
        sprintf(wanted, "%s%s", cases[i].failure, mend);
        ck_assert_str_eq(failure_of(cases[i].text), wanted);
    }
    ck_assert_str_eq(failure_of("{\"tasks\": {\"a\": {\"suspend\": \"x\"}}}"), "");
    ck_assert_str_eq(failure_of("{\"tasks\": {\"a\": {\"barrier\": \"x\"}, \"b\": {\"run\": 1, "
                                "\"barrier\": \"x\"}}}"),
                     "");
    ck_assert_str_eq(failure_of("{\"tasks\": {\"a\": {\"phases\": {\"p\": {\"loop\": 5, \"yield\": "
                                "\"\"}, \"q\": {\"loop\": 2, \"run\": 1}}}}}"),
                     "");
}
END_TEST

START_TEST(forks_without_end_at_one_instant_are_refused)
{
    static const struct bad_case cases[] = {
        {"{\"tasks\": {\"a\": {\n\"fork\": \"a\", \"run\": 1}}}",
         "f:2: forking \"a\" here leads back to this fork before any time passes, put a run or "
         "sleep before it"},
        {"{\"tasks\": {\"a\": {\"loop\": 1, \"fork\": \"b\", \"run\": 1},\n\"b\": {\"yield\": "
         "\"\",\n\"fork\": \"c\", \"run\": 1},\n\"c\": {\"loop\": 1, \"run\": 0,\n\"fork\": "
         "\"b\"}}}",
         "f:5: forking \"b\" here leads back to this fork before any time passes, put a run or "
         "sleep before it"},
    };
    CHECK_CASES(cases);
    ck_assert_str_eq(failure_of("{\"tasks\": {\"a\": {\"run\": 1, \"fork\": \"a\"}}}"), "");
    ck_assert_str_eq(failure_of("{\"tasks\": {\"a\": {\"loop\": 1, \"fork\": \"b\", \"fork\": "
                                "\"b\"}, \"b\": {\"loop\": 1, \"run\": 1, \"fork\": \"a\"}}}"),
                     "");
}
END_TEST

START_TEST(misused_mutexes_are_refused_with_both_places)
{
    static const struct bad_case cases[] = {
        {"{\"tasks\": {\"a\": {\n\"lock\": \"m\",\n\"run\": 1,\n\"lock\": \"m\",\n\"unlock\": "
         "\"m\"}}}",
         "f:4: \"m\" is locked here by a task that holds it since line 2, unlock it in between"},
        {"{\"tasks\": {\"a\": {\"run\": 1,\n\"lock\": \"m\"}}}",
         "f:2: \"m\" is locked here by a task that holds it since line 2, unlock it in between"},
        {"{\"tasks\": {\"a\": {\"run\": 1,\n\"unlock\": \"m\"}}}",
         "f:2: \"m\" is unlocked here by a task that does not hold it, lock it before"},
        {"{\"tasks\": {\"a\": {\"lock\": \"m\", \"run\": 1, \"unlock\": \"m\",\n\"wait\": "
         "{\"ref\": \"c\", \"mutex\": \"m\"}}}}",
         "f:2: this waits with the mutex \"m\", which the task does not hold, lock it before"},
        {"{\"tasks\": {\n\"a\": {\"loop\": 1,\n\"lock\": \"m\", \"run\": 1}}}",
         "f:3: \"m\" is locked here, and the task of line 2 ends without an unlock, add one"},
        {"{\"tasks\": {\"a\": {\n\"lock\": \"x\",\n\"resume\": \"x\", \"unlock\": \"x\", \"run\": "
         "1}}}",
         "f:3: \"x\" is locked here by a task that holds it since line 2, unlock it in between"},
    };
    CHECK_CASES(cases);
}
END_TEST

START_TEST(mutexes_nested_in_opposite_orders_are_refused_with_both_places)
{
    static const struct bad_case cases[] = {
        {"{\"tasks\": {\n\"a\": {\"lock\": \"A\",\n\"lock\": \"B\", \"run\": 1, \"unlock\": \"B\", "
         "\"unlock\": \"A\"},\n\"b\": {\"lock\": \"B\",\n\"lock\": \"A\", \"run\": 1, \"unlock\": "
         "\"A\", \"unlock\": \"B\"}}}",
         "f:5: cyclic lock: \"A\" is locked here while \"B\" is held, but on line 3 \"B\" is "
         "locked "
         "while \"A\" is held, lock them in one order"},
        // one task, but two instances of it
        {"{\"tasks\": {\"a\": {\"instance\": 2, \"lock\": \"A\",\n\"lock\": \"B\", \"unlock\": "
         "\"B\", \"unlock\": \"A\", \"run\": 1, \"lock\": \"B\",\n\"lock\": \"A\", \"unlock\": "
         "\"A\", \"unlock\": \"B\"}}}",
         "f:3: cyclic lock: \"A\" is locked here while \"B\" is held, but on line 2 \"B\" is "
         "locked "
         "while \"A\" is held, lock them in one order"},
        // three tasks in a ring
        {"{\"tasks\": {\"a\": {\"run\": 1, \"lock\": \"A\",\n\"lock\": \"B\", \"unlock\": \"B\", "
         "\"unlock\": \"A\"}, \"b\": {\"run\": 1, \"lock\": \"B\",\n\"lock\": \"C\", \"unlock\": "
         "\"C\", \"unlock\": \"B\"}, \"c\": {\"run\": 1, \"lock\": \"C\",\n\"lock\": \"A\", "
         "\"unlock\": \"A\", \"unlock\": \"C\"}}}",
         "f:4: cyclic lock: \"A\" is locked here while \"C\" is held, but on line 2 \"B\" is "
         "locked "
         "while \"A\" is held, lock them in one order"},
        // one task that nests both ways, and another that meets it
        {"{\"tasks\": {\"b\": {\"lock\": \"A\",\n\"lock\": \"B\", \"unlock\": \"B\", \"unlock\": "
         "\"A\", \"run\": 1}, \"a\": {\"lock\": \"A\",\n\"lock\": \"B\", \"unlock\": \"B\", "
         "\"unlock\": \"A\", \"run\": 1, \"lock\": \"B\",\n\"lock\": \"A\", \"unlock\": \"A\", "
         "\"unlock\": \"B\"}}}",
         "f:4: cyclic lock: \"A\" is locked here while \"B\" is held, but on line 2 \"B\" is "
         "locked "
         "while \"A\" is held, lock them in one order"},
        // one instance, but forked too
        {"{\"tasks\": {\"f\": {\"run\": 1, \"fork\": \"a\"}, \"a\": {\"loop\": 1, \"lock\": "
         "\"A\",\n\"lock\": \"B\", \"unlock\": \"B\", \"unlock\": \"A\", \"lock\": "
         "\"B\",\n\"lock\": "
         "\"A\", \"unlock\": \"A\", \"unlock\": \"B\"}}}",
         "f:3: cyclic lock: \"A\" is locked here while \"B\" is held, but on line 2 \"B\" is "
         "locked "
         "while \"A\" is held, lock them in one order"},
        // a wait takes its mutex again while another is held
        {"{\"tasks\": {\"a\": {\"instance\": 2, \"lock\": \"A\",\n\"lock\": \"B\",\n\"wait\": "
         "{\"ref\": \"c\", \"mutex\": \"A\"}, \"unlock\": \"B\", \"unlock\": \"A\"}}}",
         "f:3: cyclic lock: \"A\" is locked here while \"B\" is held, but on line 2 \"B\" is "
         "locked "
         "while \"A\" is held, lock them in one order"},
    };
    CHECK_CASES(cases);
}
END_TEST

START_TEST(mutexes_that_cannot_deadlock_are_taken)
{
    static const char *const texts[] = {
        // one order
        "{\"tasks\": {\"a\": {\"instance\": 3, \"lock\": \"A\", \"lock\": \"B\", \"run\": 1, "
        "\"unlock\": \"A\", \"unlock\": \"B\"}, \"b\": {\"lock\": \"A\", \"lock\": \"B\", "
        "\"lock\": "
        "\"C\", \"run\": 1, \"unlock\": \"C\", \"unlock\": \"B\", \"unlock\": \"A\"}}}",
        // both orders, but in one thread
        "{\"tasks\": {\"a\": {\"lock\": \"A\", \"lock\": \"B\", \"unlock\": \"B\", \"unlock\": "
        "\"A\", \"run\": 1, \"lock\": \"B\", \"lock\": \"A\", \"unlock\": \"A\", \"unlock\": "
        "\"B\"}}}",
        // locked in one phase, unlocked in the next
        "{\"tasks\": {\"a\": {\"phases\": {\"p\": {\"lock\": \"A\", \"run\": 1}, \"q\": {\"loop\": "
        "2, \"run\": 1}, \"r\": {\"unlock\": \"A\"}}}}}",
        // after an endless phase nothing runs
        "{\"tasks\": {\"a\": {\"loop\": 1, \"phases\": {\"p\": {\"loop\": -1, \"run\": 1}, \"q\": "
        "{\"unlock\": \"A\"}}}}}",
    };
    for (size_t i = 0; i < LENGTH(texts); i++)
        ck_assert_str_eq(failure_of(texts[i]), "");
}
END_TEST

// Random nestings of three mutexes by three one-shot tasks: refused exactly if some schedule of
// their steps deadlocks, found by trying them all.
struct nesting {
    int first, second; // mutexes, taken in this order
};

static bool some_schedule_deadlocks(const struct nesting *tasks, const int *steps)
{
    int owner[3] = {-1, -1, -1};
    bool done = true, stuck = true;
    for (int t = 0; t < 3; t++) {
        if (steps[t] >= 1 && steps[t] <= 2)
            owner[tasks[t].first] = t;
        if (steps[t] == 2)
            owner[tasks[t].second] = t;
    }
    for (int t = 0; t < 3; t++) {
        if (steps[t] == 3)
            continue;
        done = false;
        int wanted = steps[t] == 0 ? tasks[t].first : steps[t] == 1 ? tasks[t].second : -1;
        if (wanted >= 0 && owner[wanted] >= 0)
            continue;
        stuck = false;
        int next[3] = {steps[0], steps[1], steps[2]};
        next[t]++;
        if (some_schedule_deadlocks(tasks, next))
            return true;
    }
    return !done && stuck;
}

START_TEST(locks_are_refused_exactly_if_some_schedule_deadlocks)
{
    for (int code = 0; code < 6 * 6 * 6; code++) {
        static const struct nesting orders[] = {{0, 1}, {0, 2}, {1, 0}, {1, 2}, {2, 0}, {2, 1}};
        const struct nesting tasks[] = {orders[code % 6], orders[code / 6 % 6], orders[code / 36]};
        const int start[3] = {0, 0, 0};
        char text[1000], *end = text + sprintf(text, "{\"tasks\": {");
        for (int t = 0; t < 3; t++)
            end += sprintf(end,
                           "\"t%d\": {\"loop\": 1, \"lock\": \"%d\", \"lock\": \"%d\", \"unlock\": "
                           "\"%d\", \"unlock\": \"%d\"},",
                           t, tasks[t].first, tasks[t].second, tasks[t].second, tasks[t].first);
        strcpy(end, "}}");
        const char *failure = failure_of(text);
        ck_assert_msg(some_schedule_deadlocks(tasks, start) == (failure[0] != '\0'), "%s: %s", text,
                      failure);
    }
}
END_TEST

// --- any text ------------------------------------------------------------------------------------

// Swaps whole words of the language, so that most texts are well-formed JSON of a wrong meaning.
START_TEST(mutated_workloads_load_or_are_refused_but_never_crash)
{
    static const char *const words[] = {"1",
                                        "-1",
                                        "0",
                                        "2.5",
                                        "\"\"",
                                        "\"a\"",
                                        "\"b\"",
                                        "\"m\"",
                                        "\"n\"",
                                        "{}",
                                        "[]",
                                        "[0]",
                                        "null",
                                        "true",
                                        "\"run\"",
                                        "\"lock\"",
                                        "\"unlock\"",
                                        "\"wait\"",
                                        "\"sync\"",
                                        "\"fork\"",
                                        "\"loop\"",
                                        "\"timer\"",
                                        "\"phases\"",
                                        "\"suspend\"",
                                        "\"resume\"",
                                        "\"barrier\"",
                                        "\"cpus\"",
                                        "\"policy\"",
                                        "\"SCHED_FIFO\"",
                                        "\"SCHED_DEADLINE\"",
                                        "\"instance\"",
                                        "\"priority\"",
                                        "\"dl-runtime\"",
                                        "\"ref\"",
                                        "\"mutex\"",
                                        "\"period\"",
                                        "\"tasks\"",
                                        "\"global\"",
                                        "99999999999",
                                        "1e18",
                                        "\"9s\"",
                                        "{\"uniform\": {\"low\": 1, \"high\": 2}}",
                                        "{\"empirical\": [1, 2]}"};
    static const char *const seed_tokens[] = {"{",
                                              "\"tasks\"",
                                              ":",
                                              "{",
                                              "\"a\"",
                                              ":",
                                              "{",
                                              "\"loop\"",
                                              ":",
                                              "3",
                                              ",",
                                              "\"run\"",
                                              ":",
                                              "5",
                                              ",",
                                              "\"lock\"",
                                              ":",
                                              "\"m\"",
                                              ",",
                                              "\"wait\"",
                                              ":",
                                              "{",
                                              "\"ref\"",
                                              ":",
                                              "\"c\"",
                                              ",",
                                              "\"mutex\"",
                                              ":",
                                              "\"m\"",
                                              "}",
                                              ",",
                                              "\"unlock\"",
                                              ":",
                                              "\"m\"",
                                              ",",
                                              "\"fork\"",
                                              ":",
                                              "\"b\"",
                                              "}",
                                              ",",
                                              "\"b\"",
                                              ":",
                                              "{",
                                              "\"instance\"",
                                              ":",
                                              "2",
                                              ",",
                                              "\"phases\"",
                                              ":",
                                              "{",
                                              "\"p\"",
                                              ":",
                                              "{",
                                              "\"cpus\"",
                                              ":",
                                              "[",
                                              "1",
                                              "]",
                                              ",",
                                              "\"timer\"",
                                              ":",
                                              "{",
                                              "\"ref\"",
                                              ":",
                                              "\"unique\"",
                                              ",",
                                              "\"period\"",
                                              ":",
                                              "9",
                                              "}",
                                              ",",
                                              "\"barrier\"",
                                              ":",
                                              "\"x\"",
                                              "}",
                                              ",",
                                              "\"q\"",
                                              ":",
                                              "{",
                                              "\"policy\"",
                                              ":",
                                              "\"SCHED_RR\"",
                                              ",",
                                              "\"suspend\"",
                                              ":",
                                              "\"b\"",
                                              "}",
                                              "}",
                                              "}",
                                              "}",
                                              ",",
                                              "\"global\"",
                                              ":",
                                              "{",
                                              "\"duration\"",
                                              ":",
                                              "2",
                                              "}",
                                              "}"};
    start_chance();
    int loaded = 0;
    for (int trial = 0; trial < 5000; trial++) {
        char text[4000] = "";
        uint32_t hits = 1 + below(3), at[3];
        for (uint32_t i = 0; i < hits; i++)
            at[i] = below(LENGTH(seed_tokens));
        size_t size = 0;
        for (uint32_t i = 0; i < LENGTH(seed_tokens); i++) {
            const char *token = seed_tokens[i];
            for (uint32_t k = 0; k < hits; k++)
                if (at[k] == i && below(8))
                    token = strchr("{}[],:", token[0]) && below(4) ? token
                                                                   : words[below(LENGTH(words))];
            size += (size_t)sprintf(text + size, "%s ", token);
        }
        const char *failure = failure_of(text);
        loaded += !*failure;
        ck_assert_msg(!*failure || strncmp(failure, "f:", 2) == 0, "%s", failure);
    }
    ck_assert_int_gt(loaded, 100);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        an_unknown_key_is_refused_with_line_and_nearest_known_key,
        a_value_of_the_wrong_type_or_range_is_refused,
        a_bad_distribution_is_refused,
        a_task_that_rt_app_could_not_run_as_written_is_refused,
        an_endless_loop_without_time_is_refused,
        forks_without_end_at_one_instant_are_refused,
        misused_mutexes_are_refused_with_both_places,
        mutexes_nested_in_opposite_orders_are_refused_with_both_places,
        mutexes_that_cannot_deadlock_are_taken,
        locks_are_refused_exactly_if_some_schedule_deadlocks,
        mutated_workloads_load_or_are_refused_but_never_crash,
    };
    return run_tests("rtapp_errors", tests, LENGTH(tests), NULL);
}
