# SPDX-License-Identifier: Apache-2.0
# Not part of `make check`: the programs that Check runs, and both programs of
# the project, under valgrind's memcheck.  The fuzzers' corpora and the crash
# sweeps, which kill what they run, are left out.
EXTRA_DIST += tests/valgrind/roundtrip.sh tests/valgrind/run \
	tests/valgrind/under.h
check-valgrind:
	@command -v valgrind >/dev/null || { \
		echo 'check-valgrind: skipped: there is no valgrind here'; \
		exit 0; }; \
	tests=; \
	for test in $(TESTS); do \
		case $$test in \
		tests/bin/fuzz-* | tests/bin/sweep*) ;; \
		tests/bin/*) tests="$$tests $$test" ;; \
		esac; \
	done; \
	CK_TIMEOUT_MULTIPLIER=20 $(MAKE) $(AM_MAKEFLAGS) check \
		TESTS="$$tests tests/valgrind/roundtrip.sh" \
		LOG_COMPILER='$(SHELL) $(top_srcdir)/tests/valgrind/run' \
		enable_sanitizers=valgrind
.PHONY: check-valgrind
