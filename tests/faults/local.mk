# SPDX-License-Identifier: Apache-2.0
# The Nth call fails, for all N.
fault_tests = \
	tests/faults/nth.sh
EXTRA_DIST += tests/faults/common.sh $(fault_tests)

# What makes the program fail is for Linux with its shared objects, as the
# stand-in for the vendor's library is. A sanitizer watches the program alone.
# libtool makes a shared object of what is loaded by name because of -rpath.
if SQLVDI
check_LTLIBRARIES = tests/faults/faults.la
TESTS += $(fault_tests)
endif
tests_faults_faults_la_SOURCES = \
	tests/faults/files.c \
	tests/faults/memory.c \
	tests/faults/names.c \
	tests/faults/nth.c \
	tests/faults/preload.c \
	tests/faults/preload.h \
	tests/faults/process.c \
	tests/faults/record.c \
	tests/faults/record.h
tests_faults_faults_la_CFLAGS = $(WARN_CFLAGS)
tests_faults_faults_la_LDFLAGS = -module -avoid-version -shared \
	-rpath $(abs_top_builddir)

# Every call: many minutes.
check-faults:
	FAULTS=all; export FAULTS; \
		$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(fault_tests)'
.PHONY: check-faults
