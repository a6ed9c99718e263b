# core/policy: who may do what. Rules:
core_sources += \
	core/policy/rule_build.c \
	core/policy/rule_cache.c \
	core/policy/rule_compile.c \
	core/policy/rule_emit.c \
	core/policy/rule_escape.c \
	core/policy/rule_evaluate.c \
	core/policy/rule_expression.c \
	core/policy/rule_extension.c \
	core/policy/rule_ip.c \
	core/policy/rule_lex.c \
	core/policy/rule_operator.c \
	core/policy/rule_path.c \
	core/policy/rule_primary.c \
	core/policy/rule_request.c \
	core/policy/rule_run.c \
	core/policy/rule_store.c \
	core/policy/rule_time.c \
	core/policy/rule_value.c \
	core/policy/rule_words.c
core_headers += \
	core/include/aurora/rule.h \
	core/policy/rule_build.h \
	core/policy/rule_cache.h \
	core/policy/rule_code.h \
	core/policy/rule_extension.h \
	core/policy/rule_lex.h \
	core/policy/rule_machine.h \
	core/policy/rule_parse.h \
	core/policy/rule_say.h \
	core/policy/rule_value.h
EXTRA_DIST += core/policy/README.md
