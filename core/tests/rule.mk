# Tests of rules (core/policy/rule*).
rule_scene = core/tests/rule_scene.c core/tests/rule_scene.h
core_tests += core/tests/test_rule_operators

core_tests_test_rule_operators_SOURCES = core/tests/test_rule_operators.c $(rule_scene)
core_tests_test_rule_operators_CPPFLAGS = -I$(srcdir)/core $(AM_CPPFLAGS)
core_tests_test_rule_operators_LDADD = $(core_test_libs)
