# SPDX-License-Identifier: Apache-2.0
if HAVE_CHECK
check_PROGRAMS += tests/bin/runtime
TESTS += tests/bin/runtime
endif
tests_bin_runtime_SOURCES = tests/unit/runtime/runtime.c
tests_bin_runtime_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bin_runtime_LDADD = libruntime.a libbase.a gl/libgnu.a $(CHECK_LIBS)
