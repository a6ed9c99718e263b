# The shared decision core: one source list, compiled three times.
core_sources = \
	core/agent/assemble.c \
	core/agent/btf.c \
	core/agent/disassemble.c \
	core/agent/elf.c \
	core/agent/expression.c \
	core/agent/helper.c \
	core/agent/image.c \
	core/agent/map.c \
	core/agent/memory.c \
	core/agent/mnemonic.c \
	core/agent/read.c \
	core/agent/run.c \
	core/agent/structure.c \
	core/agent/text.c \
	core/agent/verify.c \
	core/policy/cap.c \
	core/policy/sha256.c \
	core/policy/token.c \
	core/sched/balance.c \
	core/sched/bandwidth.c \
	core/sched/cfs.c \
	core/sched/cfs_explain.c \
	core/sched/classes.c \
	core/sched/edf.c \
	core/sched/edf_reclaim.c \
	core/sched/eevdf.c \
	core/sched/ext.c \
	core/sched/ext_dispatch.c \
	core/sched/ext_program.c \
	core/sched/ext_queue.c \
	core/sched/fair.c \
	core/sched/fair_check.c \
	core/sched/fair_explain.c \
	core/sched/fifo.c \
	core/sched/global.c \
	core/sched/lottery.c \
	core/sched/mlfq.c \
	core/sched/partition.c \
	core/sched/prio.c \
	core/sched/rr.c \
	core/sched/select_cpu.c \
	core/sched/sjf.c \
	core/sched/srtf.c \
	core/sched/stride.c \
	core/step/account.c \
	core/step/agent.c \
	core/step/server.c \
	core/step/util.c \
	core/step/check.c \
	core/step/core.c \
	core/step/dispatch.c \
	core/step/explain.c \
	core/step/group.c \
	core/step/online.c \
	core/step/sound.c \
	core/step/step.c \
	core/step/task.c \
	core/step/timeout.c \
	core/sync/barrier.c \
	core/sync/cond.c \
	core/sync/mutex.c \
	core/sync/semaphore.c \
	core/sync/wait.c \
	core/trace/decode.c \
	core/trace/encode.c \
	core/trace/schema.c

core_headers = \
	core/agent/btf.h \
	core/agent/image.h \
	core/agent/isa.h \
	core/agent/map.h \
	core/agent/run.h \
	core/agent/text.h \
	core/include/aurora/agent.h \
	core/include/aurora/assembler.h \
	core/include/aurora/cap.h \
	core/include/aurora/core.h \
	core/include/aurora/event.h \
	core/include/aurora/explain.h \
	core/include/aurora/ext.h \
	core/include/aurora/group.h \
	core/include/aurora/limits.h \
	core/include/aurora/log.h \
	core/include/aurora/object.h \
	core/include/aurora/sched.h \
	core/include/aurora/status.h \
	core/include/aurora/task.h \
	core/include/aurora/token.h \
	core/include/aurora/trace.h \
	core/lib/assert.h \
	core/lib/list.h \
	core/lib/load.h \
	core/lib/memory.h \
	core/lib/rbtree.h \
	core/lib/tournament.h \
	core/lib/wide.h \
	core/policy/cap.h \
	core/policy/sha256.h \
	core/sched/cfs_queue.h \
	core/sched/class.h \
	core/sched/demand.h \
	core/sched/edf_reclaim.h \
	core/sched/edf_server.h \
	core/sched/eevdf_queue.h \
	core/sched/ext.h \
	core/sched/fair.h \
	core/sched/fair_walk.h \
	core/sched/keys.h \
	core/sched/lottery_queue.h \
	core/sched/partition.h \
	core/sched/queue.h \
	core/sched/stride_queue.h \
	core/step/parts.h \
	core/step/state.h \
	core/trace/chunk.h \
	core/trace/model.h

include core/policy/local.mk

core_cppflags = -I$(srcdir)/core/include -I$(srcdir)/core $(HOSTILE_CPPFLAGS)
core_cflags = -std=gnu11 -ffp-contract=off $(WARNING_CFLAGS)

EXTRA_DIST += \
	core/agent/README.md \
	core/README.md \
	core/include/README.md \
	core/lib/README.md \
	core/policy/README.md \
	core/sched/README.md \
	core/step/README.md \
	core/sync/README.md \
	core/tests/README.md \
	core/trace/README.md

# 1. the host
noinst_LIBRARIES += libaurcore.a
libaurcore_a_SOURCES = $(core_sources) $(core_headers)
libaurcore_a_CPPFLAGS = $(core_cppflags)
libaurcore_a_CFLAGS = $(core_cflags) -ffreestanding -fno-stack-protector $(SANITIZE_CFLAGS)

core_archives =
if !SANITIZE
# The sanitizers add symbols of their own, so the laws are not checked on a sanitized archive.
core_archives += host:libaurcore.a
endif

# 2. the native kernel: not with CFLAGS, which are for the machine that builds
if HAVE_KERNEL_CC
core_archives += kernel:libaurcore-kernel.a
noinst_DATA += libaurcore-kernel.a
endif

core_kernel_objects = $(core_sources:%.c=obj-kernel/%.o)

libaurcore-kernel.a: $(core_kernel_objects)
	$(AM_V_AR)rm -f $@ && $(AR) $(ARFLAGS) $@ $(core_kernel_objects)

obj-kernel/%.o: $(srcdir)/%.c
	$(AM_V_CC)$(MKDIR_P) $(@D) && \
	$(KERNEL_CC) $(core_cppflags) $(core_cflags) $(KERNEL_CFLAGS) -MMD -MP -c -o $@ $<

# 3. the browser: -nostdlibinc leaves the compiler's own headers only
if HAVE_WASM32
core_archives += wasm32:libaurcore-wasm32.a
noinst_DATA += libaurcore-wasm32.a
endif

core_wasm32_cflags = --target=wasm32 -ffreestanding -nostdlibinc -nostdlib -O2
core_wasm32_objects = $(core_sources:%.c=obj-wasm32/%.o)

libaurcore-wasm32.a: $(core_wasm32_objects)
	$(AM_V_AR)rm -f $@ && $(LLVM_AR) $(ARFLAGS) $@ $(core_wasm32_objects)

obj-wasm32/%.o: $(srcdir)/%.c
	$(AM_V_CC)$(MKDIR_P) $(@D) && \
	$(CLANG) $(core_cppflags) $(core_cflags) $(core_wasm32_cflags) -MMD -MP -c -o $@ $<

-include $(core_kernel_objects:.o=.d) $(core_wasm32_objects:.o=.d)

CLEANFILES += libaurcore-kernel.a libaurcore-wasm32.a
clean-local: clean-core
clean-core:
	rm -rf obj-kernel obj-wasm32
.PHONY: clean-core

# 4. its tests: host programs that may see the private headers
check_LIBRARIES += libaurcoretest.a
libaurcoretest_a_SOURCES = \
	core/tests/agent_random.c \
	core/tests/agent_random.h \
	core/tests/agent_scene.c \
	core/tests/agent_scene.h \
	core/tests/books.c \
	core/tests/cfs_twin.c \
	core/tests/choices.c \
	core/tests/choices.h \
	core/tests/demand_twin.c \
	core/tests/demand_twin.h \
	core/tests/drive.c \
	core/tests/drive.h \
	core/tests/eevdf_twin.c \
	core/tests/fair_quota.c \
	core/tests/fair_quota.h \
	core/tests/fair_tree.c \
	core/tests/fair_tree.h \
	core/tests/fair_twin.c \
	core/tests/fair_twin.h \
	core/tests/host.c \
	core/tests/group_scene.h \
	core/tests/host.h \
	core/tests/lottery_twin.c \
	core/tests/order_twin.c \
	core/tests/order_twin.h \
	core/tests/run_tests.h \
	core/tests/scene.h \
	core/tests/stride_twin.c \
	core/tests/trace_stream.h
libaurcoretest_a_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)

core_test_libs = libaurcoretest.a libaurcore.a $(CHECK_LIBS)
core_tests = \
	core/tests/test_agent_isa \
	core/tests/test_agent_twin \
	core/tests/test_balance \
	core/tests/test_cap \
	core/tests/test_cfs \
	core/tests/test_check \
	core/tests/test_corrupt \
	core/tests/test_edf \
	core/tests/test_eevdf \
	core/tests/test_explain \
	core/tests/test_ext \
	core/tests/test_ext_twin \
	core/tests/test_fair_theory \
	core/tests/test_fifo \
	core/tests/test_group \
	core/tests/test_lottery \
	core/tests/test_matrix \
	core/tests/test_mlfq \
	core/tests/test_mutex \
	core/tests/test_online \
	core/tests/test_placement \
	core/tests/test_partition \
	core/tests/test_prio \
	core/tests/test_quota \
	core/tests/test_random \
	core/tests/test_rbtree \
	core/tests/test_rr \
	core/tests/test_sjf \
	core/tests/test_step \
	core/tests/test_stride \
	core/tests/test_sync \
	core/tests/test_token \
	core/tests/test_trace
include core/tests/rule.mk

check_PROGRAMS += $(core_tests)
TESTS += $(core_tests)

# Makes the input of web/tests/core-states.mjs.
check_PROGRAMS += core/tests/write_states
core_tests_write_states_SOURCES = core/tests/write_states.c
core_tests_write_states_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_write_states_LDADD = $(core_test_libs)

core_tests_test_agent_isa_SOURCES = core/tests/test_agent_isa.c
core_tests_test_agent_isa_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_agent_isa_LDADD = $(core_test_libs)

core_tests_test_agent_twin_SOURCES = core/tests/test_agent_twin.c
core_tests_test_agent_twin_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_agent_twin_LDADD = $(core_test_libs)

core_tests_test_ext_SOURCES = core/tests/test_ext.c
core_tests_test_ext_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_ext_LDADD = $(core_test_libs)

core_tests_test_ext_twin_SOURCES = core/tests/test_ext_twin.c
core_tests_test_ext_twin_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_ext_twin_LDADD = $(core_test_libs)

core_tests_test_balance_SOURCES = core/tests/test_balance.c
core_tests_test_balance_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_balance_LDADD = $(core_test_libs)

core_tests_test_cap_SOURCES = core/tests/test_cap.c
core_tests_test_cap_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_cap_LDADD = $(core_test_libs)

core_tests_test_cfs_SOURCES = core/tests/test_cfs.c
core_tests_test_cfs_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_cfs_LDADD = $(core_test_libs)

core_tests_test_check_SOURCES = core/tests/test_check.c
core_tests_test_check_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_check_LDADD = $(core_test_libs)

core_tests_test_corrupt_SOURCES = core/tests/test_corrupt.c
core_tests_test_corrupt_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_corrupt_LDADD = $(core_test_libs)

core_tests_test_edf_SOURCES = core/tests/test_edf.c
core_tests_test_edf_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_edf_LDADD = $(core_test_libs)

core_tests_test_eevdf_SOURCES = core/tests/test_eevdf.c
core_tests_test_eevdf_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_eevdf_LDADD = $(core_test_libs)

core_tests_test_explain_SOURCES = core/tests/test_explain.c core/tests/turn.c core/tests/turn.h
core_tests_test_explain_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_explain_LDADD = $(core_test_libs)

core_tests_test_fair_theory_SOURCES = core/tests/test_fair_theory.c
core_tests_test_fair_theory_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_fair_theory_LDADD = $(core_test_libs)

core_tests_test_fifo_SOURCES = core/tests/test_fifo.c
core_tests_test_fifo_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_fifo_LDADD = $(core_test_libs)

core_tests_test_group_SOURCES = core/tests/test_group.c
core_tests_test_group_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_group_LDADD = $(core_test_libs)

core_tests_test_matrix_SOURCES = core/tests/test_matrix.c
core_tests_test_matrix_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_matrix_LDADD = $(core_test_libs)
core_tests_test_lottery_SOURCES = core/tests/test_lottery.c
core_tests_test_lottery_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_lottery_LDADD = $(core_test_libs)

core_tests_test_mlfq_SOURCES = core/tests/test_mlfq.c
core_tests_test_mlfq_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_mlfq_LDADD = $(core_test_libs)

core_tests_test_mutex_SOURCES = core/tests/test_mutex.c
core_tests_test_mutex_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_mutex_LDADD = $(core_test_libs)

core_tests_test_online_SOURCES = core/tests/test_online.c
core_tests_test_online_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_online_LDADD = $(core_test_libs)

core_tests_test_placement_SOURCES = core/tests/test_placement.c
core_tests_test_placement_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_placement_LDADD = $(core_test_libs)

core_tests_test_partition_SOURCES = core/tests/test_partition.c
core_tests_test_partition_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_partition_LDADD = $(core_test_libs) -lm

core_tests_test_prio_SOURCES = core/tests/test_prio.c
core_tests_test_prio_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_prio_LDADD = $(core_test_libs)

core_tests_test_quota_SOURCES = core/tests/test_quota.c
core_tests_test_quota_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_quota_LDADD = $(core_test_libs)

core_tests_test_random_SOURCES = core/tests/test_random.c
core_tests_test_random_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_random_LDADD = $(core_test_libs)

core_tests_test_rbtree_SOURCES = core/tests/test_rbtree.c
core_tests_test_rbtree_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_rbtree_LDADD = $(core_test_libs)

core_tests_test_rr_SOURCES = core/tests/test_rr.c
core_tests_test_rr_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_rr_LDADD = $(core_test_libs)

core_tests_test_sjf_SOURCES = core/tests/test_sjf.c
core_tests_test_sjf_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_sjf_LDADD = $(core_test_libs)

core_tests_test_step_SOURCES = core/tests/test_step.c
core_tests_test_step_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_step_LDADD = $(core_test_libs)

core_tests_test_stride_SOURCES = core/tests/test_stride.c
core_tests_test_stride_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_stride_LDADD = $(core_test_libs)

core_tests_test_sync_SOURCES = core/tests/test_sync.c
core_tests_test_sync_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_sync_LDADD = $(core_test_libs)

core_tests_test_token_SOURCES = core/tests/test_token.c
core_tests_test_token_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_token_LDADD = $(core_test_libs)

core_tests_test_trace_SOURCES = core/tests/test_trace.c
core_tests_test_trace_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_trace_LDADD = $(core_test_libs)

# The same random agents for every build of the core (web/tests/agent-streams.sh, tests/streams.sh).
check_PROGRAMS += core/tests/agent_stream
core_tests_agent_stream_SOURCES = core/tests/agent_random.c core/tests/agent_stream.c \
	core/tests/stream.h core/tests/stream_main.c
core_tests_agent_stream_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_agent_stream_LDADD = libaurcore.a

# What takes bytes from anywhere: a short run of each fuzz target (tests/fuzz.sh has the long one).
core_fuzz = core/tests/fuzz/run_agent core/tests/fuzz/run_assembler core/tests/fuzz/run_object core/tests/fuzz/run_rule core/tests/fuzz/run_token
check_PROGRAMS += $(core_fuzz)
TESTS += $(core_fuzz)
EXTRA_DIST += core/tests/fuzz/README.md core/tests/fuzz/corpus
core_tests_fuzz_run_agent_SOURCES = core/tests/fuzz/fuzz_agent.c core/tests/fuzz/run_corpus.c
core_tests_fuzz_run_agent_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS) -DTARGET='"agent"'
core_tests_fuzz_run_agent_LDADD = $(core_test_libs)
core_tests_fuzz_run_assembler_SOURCES = core/tests/fuzz/fuzz_assembler.c core/tests/fuzz/run_corpus.c
core_tests_fuzz_run_assembler_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS) -DTARGET='"assembler"'
core_tests_fuzz_run_assembler_LDADD = $(core_test_libs)
core_tests_fuzz_run_object_SOURCES = core/tests/fuzz/fuzz_object.c core/tests/fuzz/run_corpus.c
core_tests_fuzz_run_object_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS) -DTARGET='"object"'
core_tests_fuzz_run_object_LDADD = $(core_test_libs)
core_tests_fuzz_run_rule_SOURCES = core/tests/fuzz/fuzz_rule.c core/tests/fuzz/run_corpus.c
core_tests_fuzz_run_rule_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS) -DTARGET='"rule"'
core_tests_fuzz_run_rule_LDADD = $(core_test_libs)
core_tests_fuzz_run_token_SOURCES = core/tests/fuzz/fuzz_token.c core/tests/fuzz/run_corpus.c
core_tests_fuzz_run_token_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS) -DTARGET='"token"'
core_tests_fuzz_run_token_LDADD = $(core_test_libs)

# The same random streams for every build of the core (web/tests/streams.sh, tests/streams.sh).
check_PROGRAMS += core/tests/stream
core_tests_stream_SOURCES = core/tests/agent_scene.c core/tests/stream.c core/tests/stream.h core/tests/stream_main.c
core_tests_stream_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_stream_LDADD = libaurcore.a
