# SPDX-License-Identifier: Apache-2.0
if HAVE_CHECK
check_PROGRAMS += tests/bin/seams
TESTS += tests/bin/seams
endif
tests_bin_seams_SOURCES = \
	tests/faults/seams/bench.c \
	tests/faults/seams/bench.h \
	tests/faults/seams/main.c \
	tests/faults/seams/provider.c \
	tests/faults/seams/seams.c \
	tests/faults/seams/seams.h \
	tests/faults/seams/seams_tests.h \
	tests/faults/seams/session.c \
	tests/faults/seams/steps.c \
	tests/faults/seams/sweep.c \
	tests/faults/seams/talk.c \
	tests/faults/seams/waits.c \
	tests/unit/engine/room.c \
	tests/unit/engine/room.h
tests_bin_seams_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_bin_seams_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(SQLITE_CFLAGS)
tests_bin_seams_LDADD = libjob.a libtransfer.a libsql.a libprovider.a \
	libstore.a libruntime.a libmtf.a libbase.a $(SQLITE_LIBS) \
	gl/libgnu.a $(ZSTD_LIBS) $(XXHASH_LIBS) $(JANSSON_LIBS) \
	$(CRYPTO_LIBS) $(CHECK_LIBS)
