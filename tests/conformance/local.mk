# SPDX-License-Identifier: Apache-2.0
if HAVE_CHECK
check_PROGRAMS += tests/bin/conformance
TESTS += tests/bin/conformance
endif
tests_bin_conformance_SOURCES = \
	tests/conformance/checks.h \
	tests/conformance/client.c \
	tests/conformance/conformance.c \
	tests/conformance/rig.c \
	tests/conformance/rig.h
tests_bin_conformance_CPPFLAGS = $(AM_CPPFLAGS) \
	-I$(top_srcdir)/tests/conformance
tests_bin_conformance_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bin_conformance_LDADD = libruntime.a libbase.a gl/libgnu.a $(CHECK_LIBS)
