# SPDX-License-Identifier: Apache-2.0
# Everything of the program but main, so that the tests can link it.
noinst_LIBRARIES += libengine.a
libengine_a_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
libengine_a_SOURCES = \
	src/engine/lex.c \
	src/engine/lex.h \
	src/engine/message.c \
	src/engine/message.h \
	src/engine/report.c \
	src/engine/report.h \
	src/engine/snapshot.c \
	src/engine/snapshot.h \
	src/engine/stop.c \
	src/engine/stop.h \
	src/engine/tsql.c \
	src/engine/tsql.h \
	src/engine/wal.c \
	src/engine/wal.h \
	src/engine/wrap.c \
	src/engine/wrap.h
