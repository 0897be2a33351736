# SPDX-License-Identifier: Apache-2.0
if HAVE_CHECK
check_PROGRAMS += tests/bin/conformance tests/bin/damage tests/bin/states \
	tests/bin/stress
TESTS += tests/bin/conformance tests/bin/damage tests/bin/states \
	tests/bin/stress
endif
tests_bin_conformance_SOURCES = \
	tests/conformance/checks.h \
	tests/conformance/client.c \
	tests/conformance/commands.c \
	tests/conformance/conformance.c \
	tests/conformance/peer.c \
	tests/conformance/peer.h \
	tests/conformance/processes.c \
	tests/conformance/rig.c \
	tests/conformance/rig.h \
	tests/conformance/server.c
tests_bin_conformance_CPPFLAGS = $(AM_CPPFLAGS) \
	-I$(top_srcdir)/tests/conformance
tests_bin_conformance_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bin_conformance_LDADD = libruntime.a libbase.a gl/libgnu.a $(CHECK_LIBS)

tests_bin_damage_SOURCES = \
	tests/conformance/damage.c \
	tests/conformance/rig.c \
	tests/conformance/rig.h
tests_bin_damage_CPPFLAGS = $(tests_bin_conformance_CPPFLAGS)
tests_bin_damage_CFLAGS = $(tests_bin_conformance_CFLAGS)
tests_bin_damage_LDADD = $(tests_bin_conformance_LDADD)

tests_bin_stress_SOURCES = \
	tests/conformance/stress.c \
	tests/conformance/rig.c \
	tests/conformance/rig.h
tests_bin_stress_CPPFLAGS = $(tests_bin_conformance_CPPFLAGS)
tests_bin_stress_CFLAGS = $(tests_bin_conformance_CFLAGS)
tests_bin_stress_LDADD = $(tests_bin_conformance_LDADD)

tests_bin_states_SOURCES = \
	tests/conformance/peer.c \
	tests/conformance/peer.h \
	tests/conformance/rig.c \
	tests/conformance/rig.h \
	tests/conformance/states.c \
	tests/conformance/states.h \
	tests/conformance/states_cases.c \
	tests/conformance/states_client.c \
	tests/conformance/states_command.c \
	tests/conformance/states_half.c \
	tests/conformance/states_half.h \
	tests/conformance/states_other.c \
	tests/conformance/states_prepare.c \
	tests/conformance/states_prepare.h \
	tests/conformance/states_probe.c \
	tests/conformance/states_race.c \
	tests/conformance/states_row.c \
	tests/conformance/states_scene.c \
	tests/conformance/states_server.c \
	tests/conformance/states_table.c
tests_bin_states_CPPFLAGS = $(tests_bin_conformance_CPPFLAGS)
tests_bin_states_CFLAGS = $(tests_bin_conformance_CFLAGS)
tests_bin_states_LDADD = $(tests_bin_conformance_LDADD)
