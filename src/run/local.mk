# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += librun.a
librun_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
librun_a_SOURCES = \
	src/run/child.c \
	src/run/child.h \
	src/run/room.c \
	src/run/room.h \
	src/run/self.c \
	src/run/self.h
