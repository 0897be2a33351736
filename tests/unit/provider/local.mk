# SPDX-License-Identifier: Apache-2.0
if HAVE_CHECK
check_PROGRAMS += tests/bin/provider
TESTS += tests/bin/provider
endif
tests_bin_provider_SOURCES = \
	tests/unit/provider/access.c \
	tests/unit/provider/patience.c \
	tests/unit/provider/provider.c \
	tests/unit/provider/tests.h
tests_bin_provider_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bin_provider_LDADD = libprovider.a libruntime.a libbase.a \
	gl/libgnu.a $(CHECK_LIBS)
