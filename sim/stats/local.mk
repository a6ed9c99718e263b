# Statistics. What needs GSL stays out of sim_portable_sources, the list that the browser shares.

sim_portable_sources += \
	sim/stats/bootstrap.c \
	sim/stats/fairness.c \
	sim/stats/histogram.c \
	sim/stats/histogram_blob.c \
	sim/stats/moments.c \
	sim/stats/warmup.c

libaursim_a_SOURCES += \
	sim/stats/bootstrap.c sim/stats/bootstrap.h \
	sim/stats/fairness.c sim/stats/fairness.h \
	sim/stats/histogram.c sim/stats/histogram.h \
	sim/stats/histogram_blob.c sim/stats/histogram_blob.h \
	sim/stats/interval.h \
	sim/stats/intervals.c sim/stats/intervals.h \
	sim/stats/moments.c sim/stats/moments.h \
	sim/stats/sum128.h \
	sim/stats/summary.c sim/stats/summary.h \
	sim/stats/warmup.c sim/stats/warmup.h

stats_tests = \
	sim/tests/test_histogram \
	sim/tests/test_histogram_blob \
	sim/tests/test_histogram_memory \
	sim/tests/test_intervals \
	sim/tests/test_statistics
check_PROGRAMS += $(stats_tests)
TESTS += $(stats_tests)

sim_tests_test_histogram_SOURCES = sim/tests/test_histogram.c \
	sim/tests/samples.h sim/tests/run_tests.h
sim_tests_test_histogram_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)
sim_tests_test_histogram_blob_SOURCES = sim/tests/test_histogram_blob.c \
	sim/tests/samples.h sim/tests/run_tests.h
sim_tests_test_histogram_blob_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)
sim_tests_test_histogram_memory_SOURCES = sim/tests/test_histogram_memory.c \
	sim/tests/samples.h sim/tests/run_tests.h
sim_tests_test_histogram_memory_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)
sim_tests_test_intervals_SOURCES = sim/tests/test_intervals.c \
	sim/tests/trials.h sim/tests/run_tests.h
sim_tests_test_intervals_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)
sim_tests_test_statistics_SOURCES = sim/tests/test_statistics.c \
	sim/tests/trials.h sim/tests/run_tests.h
sim_tests_test_statistics_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)

EXTRA_DIST += sim/stats/README.md
