# SPDX-License-Identifier: Apache-2.0
# The programs as a user runs them.
e2e_tests = \
	tests/e2e/adopt.sh \
	tests/e2e/backup-restore.sh \
	tests/e2e/bad-input.sh \
	tests/e2e/bench.sh \
	tests/e2e/commands.sh \
	tests/e2e/compression.sh \
	tests/e2e/drills-engine.sh \
	tests/e2e/drills.sh \
	tests/e2e/engine.sh \
	tests/e2e/failures.sh \
	tests/e2e/hostile.sh \
	tests/e2e/media.sh \
	tests/e2e/rehearse.sh \
	tests/e2e/report.sh \
	tests/e2e/signals.sh \
	tests/e2e/sources.sh \
	tests/e2e/statements.sh \
	tests/e2e/streams.sh \
	tests/e2e/usage.sh
TESTS += $(e2e_tests)
EXTRA_DIST += tests/init.sh tests/e2e/drill-lib.sh $(e2e_tests)
