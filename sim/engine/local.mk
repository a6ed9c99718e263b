# sim/engine: what is due when, and what is random.
engine_sources = \
	sim/engine/distribution.c sim/engine/distribution.h \
	sim/engine/failure.c sim/engine/failure.h \
	sim/engine/queue.c sim/engine/queue.h \
	sim/engine/random.c sim/engine/random.h \
	sim/engine/real.c sim/engine/real.h \
	sim/engine/ziggurat.c sim/engine/ziggurat.h \
	sim/engine/ziggurat_edges.c
libaursim_a_SOURCES += $(engine_sources)
sim_portable_sources += $(engine_sources)

engine_tests = sim/tests/test_queue sim/tests/test_random
check_PROGRAMS += $(engine_tests)
TESTS += $(engine_tests)

sim_tests_test_queue_SOURCES = sim/tests/test_queue.c sim/tests/run_tests.h
sim_tests_test_queue_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)
sim_tests_test_random_SOURCES = sim/tests/test_random.c sim/tests/run_tests.h
sim_tests_test_random_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)

EXTRA_DIST += sim/engine/README.md
