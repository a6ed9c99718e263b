TESTS += tools/core-laws.sh tools/core-laws-test.sh
EXTRA_DIST += tools/README.md tools/bench.sh tools/core-laws.sh tools/core-laws-test.sh \
	tools/cppcheck-suppressions.txt tools/linux-measured.sh
