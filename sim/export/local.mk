# The timeline is for the browser too; the exporters write to files.
sim_portable_sources += sim/export/timeline.c

libaursim_a_SOURCES += \
	sim/export/chrome.c sim/export/chrome.h \
	sim/export/csv.c sim/export/csv.h \
	sim/export/export.c sim/export/export.h \
	sim/export/perfetto.c sim/export/perfetto.h \
	sim/export/protobuf.h \
	sim/export/timeline.c sim/export/timeline.h

check_PROGRAMS += sim/tests/test_export sim/tests/test_timeline

sim_tests_test_export_SOURCES = sim/tests/test_export.c sim/tests/export_logs.h
sim_tests_test_export_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)
sim_tests_test_timeline_SOURCES = sim/tests/test_timeline.c sim/tests/export_logs.h
sim_tests_test_timeline_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)

TESTS += sim/tests/test_export sim/tests/test_timeline

EXTRA_DIST += sim/export/README.md
