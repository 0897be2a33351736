# SPDX-License-Identifier: Apache-2.0
if HAVE_CHECK
check_PROGRAMS += tests/bin/measure
TESTS += tests/bin/measure
endif
tests_bin_measure_SOURCES = \
	tests/unit/measure/advice.c \
	tests/unit/measure/main.c \
	tests/unit/measure/measure_tests.h \
	tests/unit/measure/numbers.c \
	tests/unit/measure/plot.c
tests_bin_measure_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bin_measure_LDADD = libmeasure.a libtransfer.a libsql.a \
	libbase.a gl/libgnu.a $(JANSSON_LIBS) $(TRANSFER_LIBS) $(CHECK_LIBS)
