# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libsql.a
libsql_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
libsql_a_SOURCES = \
	src/sql/clause.c \
	src/sql/clause.h \
	src/sql/engine.c \
	src/sql/engine.h \
	src/sql/engine_line.c \
	src/sql/engine_line.h \
	src/sql/message.c \
	src/sql/message.h \
	src/sql/quote.c \
	src/sql/quote.h \
	src/sql/rule.c \
	src/sql/rule.h \
	src/sql/session.c \
	src/sql/session.h \
	src/sql/statement.c \
	src/sql/statement.h \
	src/sql/when.c \
	src/sql/when.h \
	src/sql/with.c
