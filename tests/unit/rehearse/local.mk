# SPDX-License-Identifier: Apache-2.0
if HAVE_CHECK
check_PROGRAMS += tests/bin/rehearse
TESTS += tests/bin/rehearse
endif
tests_bin_rehearse_SOURCES = tests/unit/rehearse/matrix.c
tests_bin_rehearse_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bin_rehearse_LDADD = librehearse.a libbase.a gl/libgnu.a $(CHECK_LIBS)
