# sim/cli: the `aurora` command.
aurora_SOURCES += \
	sim/cli/arguments.c \
	sim/cli/arguments.h \
	sim/cli/command.h \
	sim/cli/compare.c \
	sim/cli/doctor.c \
	sim/cli/export.c \
	sim/cli/import.c \
	sim/cli/list.c \
	sim/cli/measured_table.c \
	sim/cli/measured_table.h \
	sim/cli/main.c \
	sim/cli/output.c \
	sim/cli/output.h \
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

TESTS += sim/tests/cli.sh
EXTRA_DIST += sim/cli/README.md sim/tests/claims.sh sim/tests/cli.sh
