# SPDX-License-Identifier: Apache-2.0
# Everything of the program but main, so that the tests can link it.
noinst_LIBRARIES += libengine.a
libengine_a_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
libengine_a_SOURCES = \
	src/engine/append.c \
	src/engine/append.h \
	src/engine/ask.c \
	src/engine/ask.h \
	src/engine/backup.c \
	src/engine/backup.h \
	src/engine/buffers.c \
	src/engine/buffers.h \
	src/engine/capture.c \
	src/engine/capture.h \
	src/engine/describe.c \
	src/engine/describe.h \
	src/engine/device.c \
	src/engine/device.h \
	src/engine/drill.c \
	src/engine/engine.c \
	src/engine/engine.h \
	src/engine/freeze.c \
	src/engine/freeze.h \
	src/engine/imprint.c \
	src/engine/imprint.h \
	src/engine/lex.c \
	src/engine/lex.h \
	src/engine/medium.c \
	src/engine/medium.h \
	src/engine/message.c \
	src/engine/message.h \
	src/engine/operation.c \
	src/engine/operation.h \
	src/engine/operation_configure.c \
	src/engine/operation_order.c \
	src/engine/options.c \
	src/engine/options.h \
	src/engine/pages.c \
	src/engine/pages.h \
	src/engine/progress.c \
	src/engine/reading.c \
	src/engine/reading.h \
	src/engine/receipt.c \
	src/engine/receipt.h \
	src/engine/receiver.c \
	src/engine/receiver.h \
	src/engine/replay.c \
	src/engine/replay.h \
	src/engine/report.c \
	src/engine/report.h \
	src/engine/restore.c \
	src/engine/restore.h \
	src/engine/rows.c \
	src/engine/rows.h \
	src/engine/sample.c \
	src/engine/sample.h \
	src/engine/snapshot.c \
	src/engine/snapshot.h \
	src/engine/stop.c \
	src/engine/stop.h \
	src/engine/stream.c \
	src/engine/stream.h \
	src/engine/synthetic.c \
	src/engine/synthetic.h \
	src/engine/synthetic_page.c \
	src/engine/synthetic_page.h \
	src/engine/synthetic_pool.c \
	src/engine/synthetic_pool.h \
	src/engine/target.c \
	src/engine/target.h \
	src/engine/tsql.c \
	src/engine/tsql.h \
	src/engine/tsql_group.c \
	src/engine/tsql_option.c \
	src/engine/tsql_part.c \
	src/engine/tsql_parser.h \
	src/engine/wal.c \
	src/engine/wal.h \
	src/engine/wrap.c \
	src/engine/wrap.h \
	src/engine/writing.c \
	src/engine/writing.h

bin_PROGRAMS += vdi-engine
vdi_engine_SOURCES = src/engine/main.c
vdi_engine_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
vdi_engine_LDADD = libengine.a libruntime.a libmtf.a libbase.a $(SQLITE_LIBS) \
	gl/libgnu.a
