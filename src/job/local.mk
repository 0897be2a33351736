# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libjob.a
libjob_a_SOURCES = \
	src/job/adopt.c \
	src/job/adopt.h \
	src/job/backup.c \
	src/job/control.c \
	src/job/control_drill.c \
	src/job/control_server.c \
	src/job/control.h \
	src/job/course.c \
	src/job/course.h \
	src/job/facts.c \
	src/job/facts.h \
	src/job/family.c \
	src/job/family.h \
	src/job/hold.c \
	src/job/hold.h \
	src/job/input.c \
	src/job/input.h \
	src/job/inspect.h \
	src/job/inspect_cat.c \
	src/job/inspect_open.c \
	src/job/inspect_open.h \
	src/job/inspect_show.c \
	src/job/inspect_verify.c \
	src/job/job.c \
	src/job/job.h \
	src/job/lanes.c \
	src/job/lanes.h \
	src/job/latch.c \
	src/job/latch.h \
	src/job/opening.c \
	src/job/opening.h \
	src/job/phase.c \
	src/job/phase.h \
	src/job/record.c \
	src/job/record.h \
	src/job/restore.c \
	src/job/target.c \
	src/job/target.h
