# sim/machine: the machine model, the inputs of a run, the executor of task programs.
machine_sources = \
	sim/machine/execute.c \
	sim/machine/inputs.c \
	sim/machine/inputs.h \
	sim/machine/launch.c \
	sim/machine/machine.c \
	sim/machine/machine.h \
	sim/machine/observe.c \
	sim/machine/post.c \
	sim/machine/simulate.c \
	sim/machine/simulate.h \
	sim/machine/world.h
libaursim_a_SOURCES += $(machine_sources)
sim_portable_sources += $(machine_sources)

EXTRA_DIST += sim/machine/README.md

check_PROGRAMS += sim/tests/test_deadline
sim_tests_test_deadline_SOURCES = sim/tests/test_deadline.c sim/tests/simulate_scene.h \
	sim/tests/run_tests.h
sim_tests_test_deadline_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)
TESTS += sim/tests/test_deadline
