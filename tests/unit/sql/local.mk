# SPDX-License-Identifier: Apache-2.0
if HAVE_CHECK
check_PROGRAMS += tests/bin/sql
TESTS += tests/bin/sql
endif
dist_check_SCRIPTS += tests/unit/sql/fake-engine.sh
tests_bin_sql_SOURCES = \
	tests/unit/sql/engine.c \
	tests/unit/sql/main.c \
	tests/unit/sql/message.c \
	tests/unit/sql/options.c \
	tests/unit/sql/rule.c \
	tests/unit/sql/sql_tests.h \
	tests/unit/sql/statement.c
tests_bin_sql_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_bin_sql_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) \
	-DFAKE_ENGINE='"$(abs_top_srcdir)/tests/unit/sql/fake-engine.sh"'
tests_bin_sql_LDADD = libsql.a libbase.a gl/libgnu.a $(JANSSON_LIBS) \
	$(CHECK_LIBS)
