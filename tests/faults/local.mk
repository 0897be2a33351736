# SPDX-License-Identifier: Apache-2.0
# The Nth call fails, for all N; file systems that fail; loss of power.
fault_tests = \
	tests/faults/disks.sh \
	tests/faults/nth.sh \
	tests/faults/powercut.sh
EXTRA_DIST += tests/faults/common.sh $(fault_tests)

# What makes the program fail is for Linux with its shared objects, as the
# stand-in for the vendor's library is. A sanitizer watches the program alone.
# libtool makes a shared object of what is loaded by name because of -rpath.
if SQLVDI
check_LTLIBRARIES += tests/faults/faults.la
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

# Lets the power fail at every step of what was recorded.
check_PROGRAMS += tests/bin/replay
tests_bin_replay_SOURCES = \
	tests/faults/disk.c \
	tests/faults/disk.h \
	tests/faults/help.c \
	tests/faults/help.h \
	tests/faults/image.c \
	tests/faults/image.h \
	tests/faults/judge.c \
	tests/faults/judge.h \
	tests/faults/replay.c
tests_bin_replay_CFLAGS = $(AM_CFLAGS) $(XXHASH_CFLAGS)
tests_bin_replay_LDADD = $(XXHASH_LIBS)

# Every call and every place: many minutes.
check-faults:
	FAULTS=all; export FAULTS; \
		$(MAKE) $(AM_MAKEFLAGS) check \
			TESTS='$(fault_tests) tests/bin/seams$(EXEEXT)'
.PHONY: check-faults
