# SPDX-License-Identifier: Apache-2.0
# Models of devices, and a client that runs a server against them.
EXTRA_DIST += tests/media/init.sh
check_PROGRAMS += tests/bin/media-client
tests_bin_media_client_SOURCES = \
	tests/media/client.c \
	tests/media/drive.c \
	tests/media/drive.h \
	tests/media/options.c \
	tests/media/options.h \
	tests/media/tape.c
tests_bin_media_client_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_bin_media_client_LDADD = libruntime.a libbase.a gl/libgnu.a

if HAVE_CHECK
check_PROGRAMS += tests/bin/media-models
TESTS += tests/bin/media-models
endif
tests_bin_media_models_SOURCES = \
	tests/media/drive.c \
	tests/media/drive.h \
	tests/media/models.c \
	tests/media/tape.c
tests_bin_media_models_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_bin_media_models_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bin_media_models_LDADD = libbase.a gl/libgnu.a $(CHECK_LIBS)
