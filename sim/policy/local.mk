# sim/policy: policies, entities and requests from files.
libaursim_a_SOURCES += \
	sim/policy/batch.c \
	sim/policy/decide.c \
	sim/policy/entities.c \
	sim/policy/policies.c \
	sim/policy/policy.h \
	sim/policy/request.c \
	sim/policy/value.c \
	sim/policy/value.h

EXTRA_DIST += sim/policy/README.md
TESTS += sim/tests/policy.sh
EXTRA_DIST += sim/tests/policy.sh sim/tests/cedar
