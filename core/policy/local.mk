# core/policy: who may do what. Rules:
core_headers += core/include/aurora/rule.h
EXTRA_DIST += core/policy/README.md
