# SPDX-License-Identifier: Apache-2.0
bin_PROGRAMS += vdibackup
vdibackup_SOURCES = src/main.c
vdibackup_LDADD = libcli.a librehearse.a libmeasure.a libjob.a libtransfer.a \
	libsql.a libprovider.a libstore.a libruntime.a libmtf.a librun.a \
	libbase.a gl/libgnu.a \
	$(ZSTD_LIBS) $(XXHASH_LIBS) $(JANSSON_LIBS) $(CRYPTO_LIBS)
