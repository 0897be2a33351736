# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libmtf.a
libmtf_a_SOURCES = \
	src/mtf/checksum.c \
	src/mtf/checksum.h \
	src/mtf/decode.c \
	src/mtf/decode.h \
	src/mtf/emit.c \
	src/mtf/emit.h \
	src/mtf/encode.c \
	src/mtf/encode.h \
	src/mtf/foreign.c \
	src/mtf/format.c \
	src/mtf/format.h \
	src/mtf/model.c \
	src/mtf/model.h \
	src/mtf/order.c \
	src/mtf/order.h \
	src/mtf/page.c \
	src/mtf/page.h \
	src/mtf/parse.c \
	src/mtf/parse.h \
	src/mtf/reader.c \
	src/mtf/reader.h \
	src/mtf/writer.c \
	src/mtf/writer.h
