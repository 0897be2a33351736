# SPDX-License-Identifier: Apache-2.0
# Fuzz targets: one file each.  make check runs them on the corpus; make
# check-fuzz fuzzes each for FUZZ_SECONDS.
FUZZ_SECONDS = 60
fuzz_targets = \
	argv \
	engine \
	engine_argv \
	fault \
	line \
	manifest \
	mtf \
	mtf_write \
	names \
	pump \
	restore \
	shm_client \
	shm_server \
	statement \
	stripe \
	sums \
	text \
	tsql \
	values \
	wal
AM_TESTS_ENVIRONMENT += \
	FUZZ_TARGETS='$(fuzz_targets)'; export FUZZ_TARGETS;

TESTS += tests/fuzz/replay.sh
EXTRA_DIST += tests/fuzz/replay.sh tests/fuzz/run.sh tests/fuzz/corpus

# In a tree that was not configured for it, one below it is made that is.
FUZZ_CC = clang
check-fuzz:
if FUZZERS
	cd gl && $(MAKE) $(AM_MAKEFLAGS)
	$(MAKE) $(AM_MAKEFLAGS) $(fuzz_programs)
	$(AM_TESTS_ENVIRONMENT) FUZZ_SECONDS='$(FUZZ_SECONDS)' \
		$(SHELL) $(top_srcdir)/tests/fuzz/run.sh
else
	$(MKDIR_P) fuzz
	test -f fuzz/Makefile || (cd fuzz && \
		$(abs_top_srcdir)/configure -C --enable-fuzzers \
		CC='$(FUZZ_CC)' CFLAGS='-O1 -g')
	cd fuzz && $(MAKE) check-fuzz FUZZ_SECONDS='$(FUZZ_SECONDS)' \
		fuzz_targets='$(fuzz_targets)'
endif
.PHONY: check-fuzz

check_LIBRARIES += libfuzz.a
libfuzz_a_SOURCES = tests/fuzz/common.c tests/fuzz/common.h
# What changes inputs in a way of its own does so with libFuzzer only.
fuzz_mutate_json = tests/fuzz/mutate_json.c tests/fuzz/mutate.h
fuzz_mutate_mtf = tests/fuzz/mutate_mtf.c tests/fuzz/mutate.h
fuzz_mutate_stripe = tests/fuzz/mutate_stripe.c tests/fuzz/mutate.h
EXTRA_DIST += $(fuzz_mutate_json) $(fuzz_mutate_mtf) $(fuzz_mutate_stripe)
tests_bin_fuzz_manifest_SOURCES = tests/fuzz/manifest.c
tests_bin_fuzz_mtf_SOURCES = tests/fuzz/mtf.c
tests_bin_fuzz_restore_SOURCES = tests/fuzz/restore.c
tests_bin_fuzz_stripe_SOURCES = tests/fuzz/stripe.c
if FUZZERS
fuzz_ldflags = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_bin_fuzz_manifest_SOURCES += $(fuzz_mutate_json)
tests_bin_fuzz_mtf_SOURCES += $(fuzz_mutate_mtf)
tests_bin_fuzz_restore_SOURCES += $(fuzz_mutate_mtf)
tests_bin_fuzz_stripe_SOURCES += $(fuzz_mutate_stripe)
else
fuzz_ldflags = $(AM_LDFLAGS)
libfuzz_a_SOURCES += tests/fuzz/replay.c
endif

fuzz_programs = \
	tests/bin/fuzz-argv \
	tests/bin/fuzz-engine \
	tests/bin/fuzz-engine_argv \
	tests/bin/fuzz-fault \
	tests/bin/fuzz-line \
	tests/bin/fuzz-manifest \
	tests/bin/fuzz-mtf \
	tests/bin/fuzz-mtf_write \
	tests/bin/fuzz-names \
	tests/bin/fuzz-pump \
	tests/bin/fuzz-restore \
	tests/bin/fuzz-seeds \
	tests/bin/fuzz-shm_client \
	tests/bin/fuzz-shm_server \
	tests/bin/fuzz-statement \
	tests/bin/fuzz-stripe \
	tests/bin/fuzz-sums \
	tests/bin/fuzz-text \
	tests/bin/fuzz-tsql \
	tests/bin/fuzz-values \
	tests/bin/fuzz-wal
check_PROGRAMS += $(fuzz_programs)

tests_bin_fuzz_argv_SOURCES = tests/fuzz/argv.c
tests_bin_fuzz_argv_LDFLAGS = $(fuzz_ldflags)
tests_bin_fuzz_argv_LDADD = libfuzz.a $(vdibackup_LDADD)

tests_bin_fuzz_engine_argv_SOURCES = tests/fuzz/engine_argv.c
tests_bin_fuzz_engine_argv_LDFLAGS = $(fuzz_ldflags)
tests_bin_fuzz_engine_argv_LDADD = libfuzz.a libengine.a libbase.a \
	gl/libgnu.a

tests_bin_fuzz_fault_SOURCES = tests/fuzz/fault.c
tests_bin_fuzz_fault_LDFLAGS = $(fuzz_ldflags)
tests_bin_fuzz_fault_LDADD = libfuzz.a libbase.a gl/libgnu.a

tests_bin_fuzz_line_SOURCES = tests/fuzz/line.c
tests_bin_fuzz_line_LDFLAGS = $(fuzz_ldflags)
tests_bin_fuzz_line_LDADD = libfuzz.a libsql.a libbase.a gl/libgnu.a \
	$(JANSSON_LIBS)

tests_bin_fuzz_manifest_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_bin_fuzz_manifest_LDFLAGS = $(fuzz_ldflags)
tests_bin_fuzz_manifest_LDADD = libfuzz.a libstore.a libbase.a gl/libgnu.a \
	$(JANSSON_LIBS) $(CRYPTO_LIBS)

tests_bin_fuzz_names_SOURCES = tests/fuzz/names.c
tests_bin_fuzz_names_LDFLAGS = $(fuzz_ldflags)
tests_bin_fuzz_names_LDADD = libfuzz.a libstore.a libbase.a gl/libgnu.a \
	$(CRYPTO_LIBS)

tests_bin_fuzz_statement_SOURCES = tests/fuzz/statement.c
tests_bin_fuzz_statement_LDFLAGS = $(fuzz_ldflags)
tests_bin_fuzz_statement_LDADD = libfuzz.a libsql.a libengine.a libbase.a \
	gl/libgnu.a

tests_bin_fuzz_sums_SOURCES = tests/fuzz/sums.c
tests_bin_fuzz_sums_CFLAGS = $(AM_CFLAGS) $(CRYPTO_CFLAGS)
tests_bin_fuzz_sums_LDFLAGS = $(fuzz_ldflags)
tests_bin_fuzz_sums_LDADD = libfuzz.a libstore.a libbase.a gl/libgnu.a \
	$(CRYPTO_LIBS)

tests_bin_fuzz_text_SOURCES = tests/fuzz/text.c
tests_bin_fuzz_text_LDFLAGS = $(fuzz_ldflags)
tests_bin_fuzz_text_LDADD = libfuzz.a libcli.a libstore.a libmtf.a libbase.a \
	gl/libgnu.a

tests_bin_fuzz_tsql_SOURCES = tests/fuzz/tsql.c
tests_bin_fuzz_tsql_LDFLAGS = $(fuzz_ldflags)
tests_bin_fuzz_tsql_LDADD = libfuzz.a libengine.a libbase.a gl/libgnu.a

tests_bin_fuzz_values_SOURCES = tests/fuzz/values.c
tests_bin_fuzz_values_LDFLAGS = $(fuzz_ldflags)
tests_bin_fuzz_values_LDADD = libfuzz.a libstore.a libbase.a gl/libgnu.a \
	$(CRYPTO_LIBS)

tests_bin_fuzz_mtf_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_bin_fuzz_mtf_LDFLAGS = $(fuzz_ldflags)
tests_bin_fuzz_mtf_LDADD = libfuzz.a libcli.a libjob.a libtransfer.a \
	libstore.a libruntime.a libmtf.a libbase.a gl/libgnu.a \
	$(JANSSON_LIBS) $(TRANSFER_LIBS)

tests_bin_fuzz_mtf_write_SOURCES = tests/fuzz/mtf_write.c
tests_bin_fuzz_mtf_write_LDFLAGS = $(fuzz_ldflags)
tests_bin_fuzz_mtf_write_LDADD = libfuzz.a libmtf.a libbase.a gl/libgnu.a

tests_bin_fuzz_restore_LDFLAGS = $(fuzz_ldflags)
tests_bin_fuzz_restore_LDADD = libfuzz.a libengine.a libsql.a libruntime.a \
	libmtf.a libbase.a gl/libgnu.a $(SQLITE_LIBS) $(JANSSON_LIBS)

tests_bin_fuzz_seeds_SOURCES = \
	tests/fuzz/seeds.c \
	tests/fuzz/seeds.h \
	tests/fuzz/seeds_files.c \
	tests/fuzz/seeds_programs.c \
	tests/fuzz/seeds_streams.c
tests_bin_fuzz_seeds_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_bin_fuzz_seeds_LDADD = libtransfer.a libstore.a libengine.a libmtf.a \
	libbase.a gl/libgnu.a $(SQLITE_LIBS) $(JANSSON_LIBS) $(TRANSFER_LIBS)

fuzz_shm_sources = \
	tests/fuzz/shm.h \
	tests/fuzz/shm_halves.c \
	tests/fuzz/shm_intruder.c \
	tests/fuzz/shm_world.c \
	tests/fuzz/still.c \
	tests/fuzz/still.h
tests_bin_fuzz_shm_client_SOURCES = tests/fuzz/shm_client.c $(fuzz_shm_sources)
tests_bin_fuzz_shm_client_LDFLAGS = $(fuzz_ldflags)
tests_bin_fuzz_shm_client_LDADD = libfuzz.a libruntime.a libbase.a gl/libgnu.a

tests_bin_fuzz_shm_server_SOURCES = tests/fuzz/shm_server.c $(fuzz_shm_sources)
tests_bin_fuzz_shm_server_LDFLAGS = $(fuzz_ldflags)
tests_bin_fuzz_shm_server_LDADD = libfuzz.a libruntime.a libbase.a gl/libgnu.a

tests_bin_fuzz_stripe_LDFLAGS = $(fuzz_ldflags)
tests_bin_fuzz_stripe_LDADD = libfuzz.a libtransfer.a libbase.a gl/libgnu.a \
	$(TRANSFER_LIBS)

tests_bin_fuzz_wal_SOURCES = tests/fuzz/wal.c
tests_bin_fuzz_wal_LDFLAGS = $(fuzz_ldflags)
tests_bin_fuzz_wal_LDADD = libfuzz.a libengine.a libbase.a gl/libgnu.a

tests_bin_fuzz_engine_SOURCES = \
	tests/fuzz/engine.c \
	tests/media/drive.c \
	tests/media/drive.h \
	tests/media/tape.c
tests_bin_fuzz_engine_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_bin_fuzz_engine_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_bin_fuzz_engine_LDFLAGS = $(fuzz_ldflags)
tests_bin_fuzz_engine_LDADD = libfuzz.a libengine.a libsql.a libruntime.a \
	libmtf.a libbase.a gl/libgnu.a $(SQLITE_LIBS) $(JANSSON_LIBS)

tests_bin_fuzz_pump_SOURCES = tests/fuzz/pump.c
tests_bin_fuzz_pump_LDFLAGS = $(fuzz_ldflags)
tests_bin_fuzz_pump_LDADD = libfuzz.a libtransfer.a libruntime.a libbase.a \
	gl/libgnu.a $(TRANSFER_LIBS)
