# sim/experiment: experiment files, the grid, workers, what is recorded, verification.
libaursim_a_SOURCES += \
	sim/experiment/axes.c \
	sim/experiment/draft.c \
	sim/experiment/draft.h \
	sim/experiment/draft_machine.c \
	sim/experiment/draft_parts.h \
	sim/experiment/draft_scheduler.c \
	sim/experiment/draft_value.c \
	sim/experiment/execute.c \
	sim/experiment/execute.h \
	sim/experiment/experiment.h \
	sim/experiment/fair_share.c \
	sim/experiment/fair_share.h \
	sim/experiment/fixed.c \
	sim/experiment/grid.c \
	sim/experiment/kept_log.c \
	sim/experiment/kept_log.h \
	sim/experiment/keys.c \
	sim/experiment/keys.h \
	sim/experiment/label.c \
	sim/experiment/label.h \
	sim/experiment/load.c \
	sim/experiment/load.h \
	sim/experiment/log_file.c \
	sim/experiment/log_file.h \
	sim/experiment/measured.c \
	sim/experiment/measurements.c \
	sim/experiment/measurements.h \
	sim/experiment/metric.c \
	sim/experiment/metric.h \
	sim/experiment/patch.c \
	sim/experiment/patch.h \
	sim/experiment/read.c \
	sim/experiment/record.c \
	sim/experiment/record.h \
	sim/experiment/record_store.c \
	sim/experiment/record_store.h \
	sim/experiment/resolve.c \
	sim/experiment/runner.c \
	sim/experiment/runner.h \
	sim/experiment/snapshot_stream.c \
	sim/experiment/snapshot_stream.h \
	sim/experiment/source.c \
	sim/experiment/source.h \
	sim/experiment/stored.c \
	sim/experiment/stored.h \
	sim/experiment/stored_log.c \
	sim/experiment/stored_log.h \
	sim/experiment/trace_stream.c \
	sim/experiment/trace_stream.h \
	sim/experiment/unknown.c \
	sim/experiment/verify.c \
	sim/experiment/verify.h \
	sim/experiment/worker.c \
	sim/experiment/worker.h \
	sim/experiment/workload_file.c \
	sim/experiment/workload_file.h

# What the browser needs to measure a run of its own. Loading files stays with the host.
sim_portable_sources += \
	sim/experiment/fair_share.c \
	sim/experiment/metric.c \
	sim/experiment/record.c \
	sim/experiment/trace_stream.c

experiment_tests = sim/tests/test_experiment sim/tests/test_experiment_schedulers
check_PROGRAMS += $(experiment_tests)
TESTS += $(experiment_tests)
sim_tests_test_experiment_SOURCES = sim/tests/test_experiment.c \
	sim/tests/experiment_cases.h \
	sim/tests/run_tests.h
sim_tests_test_experiment_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)
sim_tests_test_experiment_schedulers_SOURCES = sim/tests/test_experiment_schedulers.c \
	sim/tests/experiment_cases.h \
	sim/tests/run_tests.h
sim_tests_test_experiment_schedulers_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)

EXTRA_DIST += sim/experiment/README.md docs/experiment-file.md
