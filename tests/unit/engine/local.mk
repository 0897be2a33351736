# SPDX-License-Identifier: Apache-2.0
if HAVE_CHECK
check_PROGRAMS += tests/bin/engine_tsql tests/bin/engine_snapshot \
	tests/bin/engine_round tests/bin/engine_target tests/bin/engine_drills \
	tests/bin/engine_freeze tests/bin/engine_streams \
	tests/bin/engine_synthetic
TESTS += tests/bin/engine_tsql tests/bin/engine_snapshot \
	tests/bin/engine_round tests/bin/engine_target tests/bin/engine_drills \
	tests/bin/engine_freeze tests/bin/engine_streams \
	tests/bin/engine_synthetic
endif
tests_bin_engine_tsql_SOURCES = tests/unit/engine/tsql.c
tests_bin_engine_tsql_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bin_engine_tsql_LDADD = libengine.a libbase.a gl/libgnu.a $(CHECK_LIBS)
tests_bin_engine_round_SOURCES = \
	tests/unit/engine/fake.c \
	tests/unit/engine/fake.h \
	tests/unit/engine/room.c \
	tests/unit/engine/room.h \
	tests/unit/engine/round.c
tests_bin_engine_round_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_bin_engine_round_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(SQLITE_CFLAGS)
tests_bin_engine_round_LDADD = libengine.a libruntime.a libmtf.a libbase.a \
	$(SQLITE_LIBS) gl/libgnu.a $(CHECK_LIBS)
tests_bin_engine_drills_SOURCES = \
	tests/unit/engine/drills.c \
	tests/unit/engine/fake.c \
	tests/unit/engine/fake.h \
	tests/unit/engine/room.c \
	tests/unit/engine/room.h
tests_bin_engine_drills_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_bin_engine_drills_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(SQLITE_CFLAGS)
tests_bin_engine_drills_LDADD = libengine.a libruntime.a libmtf.a libbase.a \
	$(SQLITE_LIBS) gl/libgnu.a $(CHECK_LIBS)
tests_bin_engine_snapshot_SOURCES = \
	tests/unit/engine/room.c \
	tests/unit/engine/room.h \
	tests/unit/engine/snapshot.c
tests_bin_engine_snapshot_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_bin_engine_snapshot_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) \
	$(SQLITE_CFLAGS)
tests_bin_engine_snapshot_LDADD = libengine.a libmtf.a libbase.a \
	$(SQLITE_LIBS) gl/libgnu.a $(CHECK_LIBS)
tests_bin_engine_target_SOURCES = \
	tests/unit/engine/room.c \
	tests/unit/engine/room.h \
	tests/unit/engine/target.c
tests_bin_engine_target_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_bin_engine_target_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) \
	$(SQLITE_CFLAGS)
tests_bin_engine_target_LDADD = libengine.a libmtf.a libbase.a \
	$(SQLITE_LIBS) gl/libgnu.a $(CHECK_LIBS)
tests_bin_engine_freeze_SOURCES = \
	tests/unit/engine/freeze.c \
	tests/unit/engine/room.c \
	tests/unit/engine/room.h
tests_bin_engine_freeze_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_bin_engine_freeze_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) \
	$(SQLITE_CFLAGS)
tests_bin_engine_freeze_LDADD = libengine.a libmtf.a libbase.a \
	$(SQLITE_LIBS) gl/libgnu.a $(CHECK_LIBS)
tests_bin_engine_streams_SOURCES = \
	tests/unit/engine/fake.c \
	tests/unit/engine/fake.h \
	tests/unit/engine/room.c \
	tests/unit/engine/room.h \
	tests/unit/engine/streams.c
tests_bin_engine_streams_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_bin_engine_streams_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(SQLITE_CFLAGS)
tests_bin_engine_streams_LDADD = libengine.a libruntime.a libmtf.a libbase.a \
	$(SQLITE_LIBS) gl/libgnu.a $(CHECK_LIBS)
tests_bin_engine_synthetic_SOURCES = tests/unit/engine/synthetic.c
tests_bin_engine_synthetic_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(ZSTD_CFLAGS)
tests_bin_engine_synthetic_LDADD = libengine.a libbase.a $(ZSTD_LIBS) \
	gl/libgnu.a $(CHECK_LIBS)
