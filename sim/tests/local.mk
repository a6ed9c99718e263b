# sim/tests: each test stands in the local.mk of the area that it proves.
EXTRA_DIST += sim/tests/README.md
