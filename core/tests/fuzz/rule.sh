#!/bin/sh
# The corpus of the policy parser, without a fuzzer.
exec core/tests/fuzz/replay_rule "${AUR_SRCDIR:?}/core/tests/fuzz/corpus/rule"
