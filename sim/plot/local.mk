# sim/plot: pictures by gnuplot. Host only.
libaursim_a_SOURCES += \
	sim/plot/bars.c sim/plot/bars.h \
	sim/plot/cdf.c sim/plot/cdf.h \
	sim/plot/gantt.c sim/plot/gantt.h \
	sim/plot/gnuplot.c sim/plot/gnuplot.h

EXTRA_DIST += sim/plot/README.md
