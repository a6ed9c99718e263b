TESTS += tools/core-laws.sh tools/core-laws-test.sh
EXTRA_DIST += tools/README.md tools/bench.sh tools/core-laws.sh tools/core-laws-test.sh \
	tools/cppcheck-suppressions.txt tools/linux-measured.sh

noinst_PROGRAMS += tools/linux-play
tools_linux_play_SOURCES = tools/linux-play.c
tools_linux_play_LDADD = libaursim.a libaurcore.a $(SIM_LIBS)
