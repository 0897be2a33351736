# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libstore.a
libstore_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(CRYPTO_CFLAGS)
libstore_a_SOURCES = \
	src/store/folder.c \
	src/store/folder.h \
	src/store/lock.c \
	src/store/lock.h \
	src/store/manifest.c \
	src/store/manifest.h \
	src/store/manifest_check.c \
	src/store/manifest_json.h \
	src/store/manifest_json_decode.c \
	src/store/manifest_json_encode.c \
	src/store/path.c \
	src/store/path.h \
	src/store/scan.c \
	src/store/scan.h \
	src/store/store.c \
	src/store/store.h \
	src/store/store_read.c \
	src/store/sums.c \
	src/store/sums.h
