# Tests of rules (core/policy/rule*).
rule_scene = core/tests/rule_scene.c core/tests/rule_scene.h
rule_twin = core/tests/rule_random.c core/tests/rule_random.h core/tests/rule_twin.c \
	core/tests/rule_twin.h
core_tests += \
	core/tests/test_rule_decide \
	core/tests/test_rule_operators \
	core/tests/test_rule_random \
	core/tests/test_rule_syntax

core_tests_test_rule_decide_SOURCES = core/tests/test_rule_decide.c $(rule_scene)
core_tests_test_rule_decide_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_rule_decide_LDADD = $(core_test_libs)

core_tests_test_rule_operators_SOURCES = core/tests/test_rule_operators.c $(rule_scene)
core_tests_test_rule_operators_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_rule_operators_LDADD = $(core_test_libs)

core_tests_test_rule_random_SOURCES = core/tests/test_rule_random.c $(rule_twin)
core_tests_test_rule_random_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_rule_random_LDADD = $(core_test_libs)

core_tests_test_rule_syntax_SOURCES = core/tests/test_rule_syntax.c $(rule_scene)
core_tests_test_rule_syntax_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_rule_syntax_LDADD = $(core_test_libs)

# The same random policies for every build of the core (web/tests/rule-streams.sh, tests/streams.sh).
check_PROGRAMS += core/tests/rule_stream
core_tests_rule_stream_SOURCES = core/tests/rule_stream.c core/tests/stream.h \
	core/tests/stream_main.c
core_tests_rule_stream_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_rule_stream_LDADD = libaurcore.a

# The corpus of the fuzz target, without a fuzzer.
check_PROGRAMS += core/tests/fuzz/replay_rule
core_tests_fuzz_replay_rule_SOURCES = core/tests/fuzz/fuzz_rule.c core/tests/fuzz/replay.c
core_tests_fuzz_replay_rule_LDADD = libaurcore.a
TESTS += core/tests/fuzz/rule.sh
EXTRA_DIST += core/tests/fuzz/README.md core/tests/fuzz/corpus/rule core/tests/fuzz/rule.sh
