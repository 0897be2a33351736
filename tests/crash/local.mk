# SPDX-License-Identifier: Apache-2.0
# kill -9 of either side: at each phase, and at random moments.
TESTS += tests/crash/kill.sh tests/crash/sweep.sh
EXTRA_DIST += tests/crash/kill.sh tests/crash/sweep.sh

check_PROGRAMS += tests/bin/sweep
tests_bin_sweep_SOURCES = \
	tests/crash/act.c \
	tests/crash/act.h \
	tests/crash/child.c \
	tests/crash/child.h \
	tests/crash/look.c \
	tests/crash/look.h \
	tests/crash/mode.c \
	tests/crash/mode.h \
	tests/crash/room.c \
	tests/crash/room.h \
	tests/crash/scene.c \
	tests/crash/scene.h \
	tests/crash/selftest.c \
	tests/crash/selftest.h \
	tests/crash/stage.c \
	tests/crash/stage.h \
	tests/crash/step.c \
	tests/crash/step.h \
	tests/crash/strike.c \
	tests/crash/strike.h \
	tests/crash/sweep.c
tests_bin_sweep_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/crash
tests_bin_sweep_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(SQLITE_CFLAGS)
tests_bin_sweep_LDADD = libbase.a $(JANSSON_LIBS) $(SQLITE_LIBS) gl/libgnu.a

# Hundreds of kills: minutes.  SWEEP='--seed 7 --runs 1000' for other ones.
SWEEP = --runs 400
check-crash: all $(check_PROGRAMS)
	$(AM_TESTS_ENVIRONMENT) \
		tests/bin/sweep$(EXEEXT) --steps --self-test $(SWEEP)
.PHONY: check-crash
