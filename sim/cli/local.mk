# sim/cli: the `aurora` command.
aurora_SOURCES += \
	sim/cli/agent.c \
	sim/cli/arguments.c \
	sim/cli/arguments.h \
	sim/cli/command.h \
	sim/cli/compare.c \
	sim/cli/diff.c \
	sim/cli/doctor.c \
	sim/cli/explain.c \
	sim/cli/explanation.c \
	sim/cli/explanation.h \
	sim/cli/explanation_json.c \
	sim/cli/explanation_names.c \
	sim/cli/explanation_names.h \
	sim/cli/explanation_text.c \
	sim/cli/export.c \
	sim/cli/import.c \
	sim/cli/list.c \
	sim/cli/measured_table.c \
	sim/cli/measured_table.h \
	sim/cli/main.c \
	sim/cli/metric_differences.c \
	sim/cli/metric_differences.h \
	sim/cli/output.c \
	sim/cli/output.h \
	sim/cli/policy.c \
	sim/cli/progress.c \
	sim/cli/progress.h \
	sim/cli/quantity.c \
	sim/cli/quantity.h \
	sim/cli/report.c \
	sim/cli/report_plots.c \
	sim/cli/report_plots.h \
	sim/cli/run.c \
	sim/cli/run_table.c \
	sim/cli/run_table.h \
	sim/cli/show.c \
	sim/cli/table.c \
	sim/cli/table.h \
	sim/cli/table_json.c \
	sim/cli/table_text.c \
	sim/cli/verify.c \
	sim/cli/version.h

TESTS += sim/tests/agent.sh sim/tests/cli.sh sim/tests/explain.sh
EXTRA_DIST += sim/cli/README.md sim/tests/agent.sh sim/tests/claims.sh sim/tests/cli.sh sim/tests/explain.sh
