# SPDX-License-Identifier: Apache-2.0
if HAVE_CHECK
check_PROGRAMS += tests/bin/base tests/bin/base_database tests/bin/base_fault
TESTS += tests/bin/base tests/bin/base_database tests/bin/base_fault
endif
tests_bin_base_SOURCES = tests/unit/base/base.c
tests_bin_base_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bin_base_LDADD = libbase.a gl/libgnu.a $(CHECK_LIBS)
tests_bin_base_database_SOURCES = tests/unit/base/database.c
tests_bin_base_database_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bin_base_database_LDADD = libbase.a gl/libgnu.a $(CHECK_LIBS)
tests_bin_base_fault_SOURCES = tests/unit/base/fault.c
tests_bin_base_fault_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bin_base_fault_LDADD = libbase.a gl/libgnu.a $(CHECK_LIBS)
