# sim/machine: the machine model, the inputs of a run, the executor of task programs.
machine_sources = \
	sim/machine/agent.c \
	sim/machine/demand.c \
	sim/machine/execute.c \
	sim/machine/inputs.c \
	sim/machine/inputs.h \
	sim/machine/inputs_decode.c \
	sim/machine/inputs_form.h \
	sim/machine/launch.c \
	sim/machine/machine.c \
	sim/machine/machine.h \
	sim/machine/observe.c \
	sim/machine/outage.c \
	sim/machine/pipe.c \
	sim/machine/pipe.h \
	sim/machine/post.c \
	sim/machine/scheduler.c \
	sim/machine/scheduler.h \
	sim/machine/simulate.c \
	sim/machine/simulate.h \
	sim/machine/world.h
libaursim_a_SOURCES += $(machine_sources)
sim_portable_sources += $(machine_sources)

EXTRA_DIST += sim/machine/README.md

# tests
machine_tests = \
	sim/tests/test_deadline \
	sim/tests/test_linux_held_out \
	sim/tests/test_linux_prediction \
	sim/tests/test_machine_costs \
	sim/tests/test_pipe \
	sim/tests/test_queueing_theory \
	sim/tests/test_realtime_theory \
	sim/tests/test_simulate \
	sim/tests/test_simulate_accounts \
	sim/tests/test_simulate_core \
	sim/tests/test_simulate_repeat \
	sim/tests/test_simulate_steps \
	sim/tests/test_simulate_theory \
	sim/tests/test_simulate_twin
check_PROGRAMS += $(machine_tests)
TESTS += $(machine_tests)

machine_test_libs = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)
sim_tests_test_deadline_SOURCES = sim/tests/test_deadline.c \
	sim/tests/simulate_scene.h \
	sim/tests/run_tests.h
sim_tests_test_deadline_LDADD = $(machine_test_libs)
sim_tests_test_linux_held_out_SOURCES = sim/tests/test_linux_held_out.c \
	sim/tests/prediction.h \
	sim/tests/run_tests.h
sim_tests_test_linux_held_out_LDADD = $(machine_test_libs)
sim_tests_test_linux_prediction_SOURCES = sim/tests/test_linux_prediction.c \
	sim/tests/prediction.h \
	sim/tests/run_tests.h
sim_tests_test_linux_prediction_LDADD = $(machine_test_libs)
sim_tests_test_machine_costs_SOURCES = sim/tests/test_machine_costs.c \
	sim/tests/simulate_scene.h \
	sim/tests/run_tests.h
sim_tests_test_machine_costs_LDADD = $(machine_test_libs)
sim_tests_test_pipe_SOURCES = sim/tests/test_pipe.c \
	sim/tests/simulate_scene.h \
	sim/tests/run_tests.h
sim_tests_test_pipe_LDADD = $(machine_test_libs)
sim_tests_test_queueing_theory_SOURCES = sim/tests/test_queueing_theory.c \
	sim/tests/chance.h \
	sim/tests/simulate_scene.h \
	sim/tests/run_tests.h
sim_tests_test_queueing_theory_LDADD = $(machine_test_libs) -lm
sim_tests_test_realtime_theory_SOURCES = sim/tests/test_realtime_theory.c \
	sim/tests/chance.h \
	sim/tests/simulate_scene.h \
	sim/tests/run_tests.h
sim_tests_test_realtime_theory_LDADD = $(machine_test_libs) -lm
sim_tests_test_simulate_SOURCES = sim/tests/test_simulate.c \
	sim/tests/simulate_scene.h \
	sim/tests/run_tests.h
sim_tests_test_simulate_LDADD = $(machine_test_libs)
sim_tests_test_simulate_accounts_SOURCES = sim/tests/test_simulate_accounts.c \
	sim/tests/simulate_any.h \
	sim/tests/simulate_scene.h \
	sim/tests/chance.h \
	sim/tests/run_tests.h
sim_tests_test_simulate_accounts_LDADD = $(machine_test_libs)
sim_tests_test_simulate_core_SOURCES = sim/tests/test_simulate_core.c \
	sim/tests/simulate_scene.h \
	sim/tests/run_tests.h
sim_tests_test_simulate_core_LDADD = $(machine_test_libs)
sim_tests_test_simulate_repeat_SOURCES = sim/tests/test_simulate_repeat.c \
	sim/tests/simulate_any.h \
	sim/tests/simulate_scene.h \
	sim/tests/chance.h \
	sim/tests/run_tests.h
sim_tests_test_simulate_repeat_LDADD = $(machine_test_libs)
sim_tests_test_simulate_steps_SOURCES = sim/tests/test_simulate_steps.c \
	sim/tests/simulate_scene.h \
	sim/tests/run_tests.h
sim_tests_test_simulate_steps_LDADD = $(machine_test_libs)
sim_tests_test_simulate_theory_SOURCES = sim/tests/test_simulate_theory.c \
	sim/tests/chance.h \
	sim/tests/simulate_scene.h \
	sim/tests/run_tests.h
sim_tests_test_simulate_theory_LDADD = $(machine_test_libs)
sim_tests_test_simulate_twin_SOURCES = sim/tests/test_simulate_twin.c \
	sim/tests/chance.h \
	sim/tests/simulate_scene.h \
	sim/tests/run_tests.h
sim_tests_test_simulate_twin_LDADD = $(machine_test_libs)
