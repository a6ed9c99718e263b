# sim/agent: agents in files.
agent_sources = \
	sim/agent/agent_file.c \
	sim/agent/agent_file.h
libaursim_a_SOURCES += $(agent_sources)
EXTRA_DIST += sim/agent/README.md
