# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libprovider.a
libprovider_a_SOURCES = \
	src/provider/access.c \
	src/provider/access.h \
	src/provider/library.c \
	src/provider/library.h \
	src/provider/native.c \
	src/provider/native.h \
	src/provider/patience.c \
	src/provider/patience.h \
	src/provider/provider.c \
	src/provider/provider.h \
	src/provider/sqlvdi.c \
	src/provider/sqlvdi.h
