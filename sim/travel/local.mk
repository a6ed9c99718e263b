# sim/travel: any instant of a stored run, decisions explained, logs compared.
travel_sources = \
	sim/travel/decision.c sim/travel/decision.h \
	sim/travel/log.c sim/travel/log.h \
	sim/travel/part.c sim/travel/part.h \
	sim/travel/position.c sim/travel/position.h \
	sim/travel/snapshot.c sim/travel/snapshot.h \
	sim/travel/travel.c sim/travel/travel.h
libaursim_a_SOURCES += $(travel_sources) sim/travel/deflate.c sim/travel/deflate.h
sim_portable_sources += $(travel_sources)

EXTRA_DIST += sim/travel/README.md

check_PROGRAMS += sim/tests/test_travel
sim_tests_test_travel_SOURCES = sim/tests/test_travel.c \
	sim/tests/chance.h \
	sim/tests/run_tests.h \
	sim/tests/simulate_any.h \
	sim/tests/simulate_scene.h
sim_tests_test_travel_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)
TESTS += sim/tests/test_travel
