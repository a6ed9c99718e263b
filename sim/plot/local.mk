# sim/plot: pictures by gnuplot. Host only.
libaursim_a_SOURCES += \
	sim/plot/bars.c sim/plot/bars.h \
	sim/plot/cdf.c sim/plot/cdf.h \
	sim/plot/gantt.c sim/plot/gantt.h \
	sim/plot/gnuplot.c sim/plot/gnuplot.h

EXTRA_DIST += sim/plot/README.md

# tests
check_PROGRAMS += sim/tests/test_plot
TESTS += sim/tests/test_plot sim/tests/report.sh
sim_tests_test_plot_SOURCES = sim/tests/test_plot.c sim/tests/run_tests.h
sim_tests_test_plot_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)
EXTRA_DIST += sim/tests/report.sh
