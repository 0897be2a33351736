# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libcli.a
libcli_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
libcli_a_SOURCES = \
	src/cli/arguments.c \
	src/cli/arguments.h \
	src/cli/attach.c \
	src/cli/attach.h \
	src/cli/cli.c \
	src/cli/cli.h \
	src/cli/columns.c \
	src/cli/columns.h \
	src/cli/command.c \
	src/cli/command.h \
	src/cli/command_adopt.c \
	src/cli/command_backup.c \
	src/cli/command_cat.c \
	src/cli/command_list.c \
	src/cli/command_rehearse.c \
	src/cli/command_restore.c \
	src/cli/command_show.c \
	src/cli/command_verify.c \
	src/cli/commands.h \
	src/cli/common.c \
	src/cli/common.h \
	src/cli/compression.c \
	src/cli/compression.h \
	src/cli/help.c \
	src/cli/help.h \
	src/cli/journal.c \
	src/cli/journal.h \
	src/cli/nearest.c \
	src/cli/nearest.h \
	src/cli/option.c \
	src/cli/option.def \
	src/cli/option.h \
	src/cli/output.c \
	src/cli/output.h \
	src/cli/progress.c \
	src/cli/progress.h \
	src/cli/report.c \
	src/cli/report.h \
	src/cli/report_json.c \
	src/cli/report_json.h \
	src/cli/report_text.c \
	src/cli/report_text.h \
	src/cli/signals.c \
	src/cli/signals.h \
	src/cli/status.c \
	src/cli/status.def \
	src/cli/status.h \
	src/cli/table.c \
	src/cli/table.h \
	src/cli/text.c \
	src/cli/text.h \
	src/cli/version.c \
	src/cli/version.h
