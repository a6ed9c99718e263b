# Benchmarks: `make bench` builds and runs them; `make` and `make check` leave them alone.
#
# To add one, write bench/bench_NAME.c, then
#     bench_programs += bench/bench_NAME
#     bench_bench_NAME_SOURCES = bench/bench_NAME.c
#     bench_bench_NAME_LDADD = $(bench_libs)
bench_programs = \
	bench/bench_queue \
	bench/bench_sim \
	bench/bench_store \
	bench/bench_trace
bench_libs = libaursim.a libaurcore.a $(SIM_LIBS)

bench_bench_queue_SOURCES = bench/bench_queue.c
bench_bench_queue_LDADD = $(bench_libs)
bench_bench_sim_SOURCES = bench/bench_sim.c
bench_bench_sim_LDADD = $(bench_libs)
bench_bench_store_SOURCES = bench/bench_store.c
bench_bench_store_LDADD = $(bench_libs)
bench_bench_trace_SOURCES = bench/bench_trace.c
bench_bench_trace_LDADD = $(bench_libs)

EXTRA_PROGRAMS = $(bench_programs)
EXTRA_DIST += bench/README.md
CLEANFILES += $(bench_programs)

bench: $(bench_programs)
	@$(SHELL) $(srcdir)/tools/bench.sh $(bench_programs)
