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
