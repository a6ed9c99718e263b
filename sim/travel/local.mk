# sim/travel: any instant of a stored run, decisions explained, logs compared.
travel_sources = \
	sim/travel/log.c sim/travel/log.h \
	sim/travel/position.c sim/travel/position.h \
	sim/travel/snapshot.c sim/travel/snapshot.h \
	sim/travel/travel.c sim/travel/travel.h
libaursim_a_SOURCES += $(travel_sources) sim/travel/deflate.c sim/travel/deflate.h
sim_portable_sources += $(travel_sources)

EXTRA_DIST += sim/travel/README.md
