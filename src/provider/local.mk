# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libprovider.a
libprovider_a_SOURCES = \
	src/provider/native.c \
	src/provider/native.h \
	src/provider/provider.c \
	src/provider/provider.h
