# SPDX-License-Identifier: Apache-2.0
if HAVE_CHECK
check_PROGRAMS += tests/bin/store
TESTS += tests/bin/store
endif
tests_bin_store_SOURCES = \
	tests/unit/store/bounds.c \
	tests/unit/store/lock.c \
	tests/unit/store/main.c \
	tests/unit/store/manifest.c \
	tests/unit/store/path.c \
	tests/unit/store/read.c \
	tests/unit/store/refuse.c \
	tests/unit/store/store_tests.h \
	tests/unit/store/target.c
tests_bin_store_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) \
	-DMANUAL_PAGE='"$(abs_top_srcdir)/man/vdibackup-manifest.5"'
tests_bin_store_LDADD = libstore.a libbase.a gl/libgnu.a \
	$(JANSSON_LIBS) $(CRYPTO_LIBS) $(CHECK_LIBS)
