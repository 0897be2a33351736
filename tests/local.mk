# SPDX-License-Identifier: Apache-2.0
# Unit tests mirror src/; each folder has a fragment. A program's Check line
# reaches standard output through the log driver.
TEST_EXTENSIONS = .sh
LOG_DRIVER = $(SHELL) $(top_srcdir)/build-aux/check-driver
SH_LOG_DRIVER = $(SHELL) $(top_srcdir)/build-aux/check-driver
SH_LOG_COMPILER = $(SHELL)
AM_TESTS_ENVIRONMENT = \
	VDIBACKUP='$(abs_top_builddir)/vdibackup$(EXEEXT)'; export VDIBACKUP; \
	VDI_ENGINE='$(abs_top_builddir)/vdi-engine$(EXEEXT)'; export VDI_ENGINE; \
	top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
	top_builddir='$(abs_top_builddir)'; export top_builddir; \
	SANITIZERS='$(enable_sanitizers)'; export SANITIZERS; \
	COVERAGE='$(enable_coverage)'; export COVERAGE; \
	CK_DEFAULT_TIMEOUT=60; export CK_DEFAULT_TIMEOUT;
EXTRA_DIST += build-aux/check-driver

# What has threads, for a build under ThreadSanitizer.
THREAD_TESTS = \
	tests/bin/conformance \
	tests/bin/contract \
	tests/bin/damage \
	tests/bin/engine_drills \
	tests/bin/engine_round \
	tests/bin/engine_streams \
	tests/bin/job \
	tests/bin/provider \
	tests/bin/runtime \
	tests/bin/seams \
	tests/bin/sql \
	tests/bin/states \
	tests/bin/store \
	tests/bin/stress \
	$(vendor_thread_tests) \
	$(sqlvdi_thread_tests) \
	$(transfer_tests) \
	tests/e2e/backup-restore.sh \
	tests/e2e/commands.sh \
	tests/e2e/drills.sh \
	tests/e2e/signals.sh
check-threads:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(THREAD_TESTS)'
.PHONY: check-threads

# Every fault at every place: tests/e2e/rehearse.sh has the short form.
check-rehearse: all
	$(AM_TESTS_ENVIRONMENT) $(SHELL) \
		$(top_srcdir)/tests/e2e/rehearse.sh whole
.PHONY: check-rehearse

include tests/unit/base/local.mk
include tests/unit/runtime/local.mk
include tests/unit/mtf/local.mk
include tests/unit/sql/local.mk
include tests/unit/provider/local.mk
include tests/unit/store/local.mk
include tests/unit/transfer/local.mk
include tests/unit/job/local.mk
include tests/unit/rehearse/local.mk
include tests/unit/measure/local.mk
include tests/unit/cli/local.mk
include tests/unit/engine/local.mk
include tests/bench/local.mk
include tests/contract/local.mk
include tests/conformance/local.mk
include tests/media/local.mk
include tests/sqlvdi/local.mk
include tests/vendor/local.mk
include tests/e2e/local.mk
include tests/crash/local.mk
include tests/fuzz/local.mk
include tests/valgrind/local.mk
include tests/faults/seams/local.mk
include tests/faults/local.mk
