# SPDX-License-Identifier: Apache-2.0
if HAVE_CHECK
check_PROGRAMS += tests/bin/cli tests/bin/cli-report
TESTS += tests/bin/cli tests/bin/cli-report
endif
tests_bin_cli_SOURCES = tests/unit/cli/cli.c
tests_bin_cli_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bin_cli_LDADD = libcli.a libsql.a libtransfer.a libbase.a gl/libgnu.a \
	$(JANSSON_LIBS) $(TRANSFER_LIBS) $(CHECK_LIBS)
tests_bin_cli_report_SOURCES = tests/unit/cli/report.c
tests_bin_cli_report_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(CHECK_CFLAGS)
tests_bin_cli_report_LDADD = libcli.a libtransfer.a libsql.a libruntime.a \
	libmtf.a libbase.a gl/libgnu.a $(JANSSON_LIBS) $(TRANSFER_LIBS) \
	$(CHECK_LIBS)
