# SPDX-License-Identifier: Apache-2.0
if HAVE_CHECK
check_PROGRAMS += tests/bin/mtf-format tests/bin/mtf-stream \
	tests/bin/mtf-damage tests/bin/mtf-media tests/bin/mtf-real
TESTS += tests/bin/mtf-format tests/bin/mtf-stream \
	tests/bin/mtf-damage tests/bin/mtf-media tests/bin/mtf-real
endif
tests_bin_mtf_format_SOURCES = tests/unit/mtf/format.c
tests_bin_mtf_format_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bin_mtf_format_LDADD = libmtf.a libbase.a gl/libgnu.a $(CHECK_LIBS)
tests_bin_mtf_stream_SOURCES = \
	tests/unit/mtf/stream.c \
	tests/unit/mtf/support.c \
	tests/unit/mtf/support.h
tests_bin_mtf_stream_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bin_mtf_stream_LDADD = libmtf.a libbase.a gl/libgnu.a $(CHECK_LIBS)
tests_bin_mtf_damage_SOURCES = \
	tests/unit/mtf/damage.c \
	tests/unit/mtf/support.c \
	tests/unit/mtf/support.h
tests_bin_mtf_damage_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bin_mtf_damage_LDADD = libmtf.a libbase.a gl/libgnu.a $(CHECK_LIBS)
tests_bin_mtf_media_SOURCES = \
	tests/unit/mtf/media.c \
	tests/unit/mtf/support.c \
	tests/unit/mtf/support.h
tests_bin_mtf_media_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bin_mtf_media_LDADD = libmtf.a libbase.a gl/libgnu.a $(CHECK_LIBS)
tests_bin_mtf_real_SOURCES = tests/unit/mtf/real.c
tests_bin_mtf_real_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bin_mtf_real_LDADD = libmtf.a libbase.a gl/libgnu.a $(CHECK_LIBS)
