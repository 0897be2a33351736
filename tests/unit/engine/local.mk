# SPDX-License-Identifier: Apache-2.0
if HAVE_CHECK
check_PROGRAMS += tests/bin/engine_tsql
TESTS += tests/bin/engine_tsql
endif
tests_bin_engine_tsql_SOURCES = tests/unit/engine/tsql.c
tests_bin_engine_tsql_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bin_engine_tsql_LDADD = libengine.a libbase.a gl/libgnu.a $(CHECK_LIBS)
