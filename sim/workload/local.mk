# Workloads, documents and the importer of rt-app's JSON. What needs yajl or yaml is host only.
sim_portable_sources += \
	sim/workload/document.c \
	sim/workload/document_scalar.c \
	sim/workload/nearest.c \
	sim/workload/rtapp.c \
	sim/workload/rtapp_events.c \
	sim/workload/rtapp_groups.c \
	sim/workload/rtapp_locks.c \
	sim/workload/rtapp_names.c \
	sim/workload/rtapp_properties.c \
	sim/workload/rtapp_sections.c \
	sim/workload/rtapp_time.c \
	sim/workload/rtapp_timing.c \
	sim/workload/validate.c \
	sim/workload/workload.c

libaursim_a_SOURCES += \
	sim/workload/document.c sim/workload/document.h \
	sim/workload/document_scalar.c \
	sim/workload/nearest.c \
	sim/workload/read_json.c \
	sim/workload/read_yaml.c \
	sim/workload/rtapp.c sim/workload/rtapp.h \
	sim/workload/rtapp_events.c \
	sim/workload/rtapp_groups.c \
	sim/workload/rtapp_import.h \
	sim/workload/rtapp_locks.c \
	sim/workload/rtapp_names.c \
	sim/workload/rtapp_properties.c \
	sim/workload/rtapp_sections.c \
	sim/workload/rtapp_time.c \
	sim/workload/rtapp_timing.c \
	sim/workload/validate.c \
	sim/workload/workload.c sim/workload/workload.h

check_PROGRAMS += sim/tests/test_document sim/tests/test_document_scalar sim/tests/test_inputs \
	sim/tests/test_rtapp sim/tests/test_rtapp_errors sim/tests/test_rtapp_groups \
	sim/tests/test_workload

sim_tests_test_document_SOURCES = sim/tests/test_document.c sim/tests/chance.h sim/tests/run_tests.h
sim_tests_test_document_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)
sim_tests_test_document_scalar_SOURCES = sim/tests/test_document_scalar.c sim/tests/run_tests.h
sim_tests_test_document_scalar_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)
sim_tests_test_inputs_SOURCES = sim/tests/test_inputs.c sim/tests/chance.h sim/tests/rtapp_cases.h
sim_tests_test_inputs_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)
sim_tests_test_rtapp_SOURCES = sim/tests/test_rtapp.c sim/tests/rtapp_cases.h
sim_tests_test_rtapp_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)
sim_tests_test_rtapp_groups_SOURCES = sim/tests/test_rtapp_groups.c sim/tests/rtapp_cases.h
sim_tests_test_rtapp_groups_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)
sim_tests_test_rtapp_errors_SOURCES = sim/tests/test_rtapp_errors.c sim/tests/chance.h \
	sim/tests/rtapp_cases.h
sim_tests_test_rtapp_errors_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)
sim_tests_test_workload_SOURCES = sim/tests/test_workload.c sim/tests/run_tests.h
sim_tests_test_workload_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)

TESTS += sim/tests/test_document sim/tests/test_document_scalar sim/tests/test_inputs \
	sim/tests/test_rtapp sim/tests/test_rtapp_errors sim/tests/test_rtapp_groups \
	sim/tests/test_workload

EXTRA_DIST += sim/workload/README.md

# Linux traces. file.c needs zlib: host only.
sim_portable_sources += \
	sim/workload/linux_trace.c \
	sim/workload/linux_trace_build.c \
	sim/workload/linux_trace_events.c \
	sim/workload/linux_trace_fields.c \
	sim/workload/linux_trace_index.c \
	sim/workload/linux_trace_judge.c \
	sim/workload/linux_trace_line.c \
	sim/workload/linux_trace_model.c \
	sim/workload/linux_trace_report.c \
	sim/workload/linux_trace_task.c \
	sim/workload/linux_trace_text.c

libaursim_a_SOURCES += \
	sim/workload/file.c sim/workload/file.h \
	sim/workload/linux_trace.c sim/workload/linux_trace.h \
	sim/workload/linux_trace_array.h \
	sim/workload/linux_trace_build.c \
	sim/workload/linux_trace_events.c sim/workload/linux_trace_events.h \
	sim/workload/linux_trace_fields.c \
	sim/workload/linux_trace_index.c sim/workload/linux_trace_index.h \
	sim/workload/linux_trace_judge.c \
	sim/workload/linux_trace_line.c sim/workload/linux_trace_line.h \
	sim/workload/linux_trace_model.c sim/workload/linux_trace_model.h \
	sim/workload/linux_trace_report.c \
	sim/workload/linux_trace_task.c \
	sim/workload/linux_trace_text.c sim/workload/linux_trace_text.h

linux_trace_tests = sim/tests/test_file sim/tests/test_linux_trace sim/tests/test_linux_trace_random
linux_trace_cases = sim/tests/run_tests.h sim/tests/test_linux_trace_compare.c \
	sim/tests/test_linux_trace_load.h sim/tests/test_linux_trace_schedule.c \
	sim/tests/test_linux_trace_schedule.h
check_PROGRAMS += $(linux_trace_tests)
TESTS += $(linux_trace_tests)

sim_tests_test_file_SOURCES = sim/tests/test_file.c sim/tests/run_tests.h
sim_tests_test_file_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)
sim_tests_test_linux_trace_SOURCES = sim/tests/test_linux_trace.c $(linux_trace_cases)
sim_tests_test_linux_trace_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)
sim_tests_test_linux_trace_random_SOURCES = sim/tests/test_linux_trace_random.c $(linux_trace_cases)
sim_tests_test_linux_trace_random_LDADD = libaursim.a libaurcore.a $(CHECK_LIBS) $(SIM_LIBS)
