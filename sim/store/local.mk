# sim/store: results in SQLite. Not for the browser, which brings its own SQLite.
libaursim_a_SOURCES += \
	sim/store/commit.c \
	sim/store/database.c sim/store/database.h \
	sim/store/dictionary.c sim/store/dictionary.h \
	sim/store/experiments.c \
	sim/store/intern.c sim/store/intern.h \
	sim/store/open.c \
	sim/store/patience.c sim/store/patience.h \
	sim/store/read.c \
	sim/store/read_trace.c \
	sim/store/rows.c sim/store/rows.h \
	sim/store/runs.c \
	sim/store/schema.c sim/store/schema.h \
	sim/store/spool.c sim/store/spool.h \
	sim/store/store.h \
	sim/store/task_rows.c sim/store/task_rows.h \
	sim/store/writer.c sim/store/writer.h

store_tests = \
	sim/tests/test_store \
	sim/tests/test_store_crash \
	sim/tests/test_store_refusals
check_PROGRAMS += $(store_tests)
TESTS += $(store_tests)

sim_tests_test_store_SOURCES = sim/tests/test_store.c \
	sim/tests/store_cases.h sim/tests/run_tests.h
sim_tests_test_store_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)
sim_tests_test_store_crash_SOURCES = sim/tests/test_store_crash.c \
	sim/tests/store_cases.h sim/tests/run_tests.h
sim_tests_test_store_crash_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)
sim_tests_test_store_refusals_SOURCES = sim/tests/test_store_refusals.c \
	sim/tests/store_cases.h sim/tests/run_tests.h
sim_tests_test_store_refusals_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)

EXTRA_DIST += sim/store/README.md
