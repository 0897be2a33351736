# SPDX-License-Identifier: Apache-2.0
# Programs that measure: reports for people, and for tools/measure.  make check
# builds them and sees whether they work, not how fast.
noinst_LIBRARIES += libbench.a
libbench_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
libbench_a_CFLAGS = $(AM_CFLAGS) $(ZSTD_CFLAGS)
libbench_a_SOURCES = \
	tests/bench/bare.c \
	tests/bench/bare.h \
	tests/bench/bench.c \
	tests/bench/bench.h \
	tests/bench/data.c \
	tests/bench/data.h \
	tests/bench/feeder.c \
	tests/bench/feeder.h \
	tests/bench/lines.c \
	tests/bench/lines.h \
	tests/bench/process.c

bench_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
bench_ldadd = libbench.a libtransfer.a libprovider.a libengine.a \
	libruntime.a libbase.a gl/libgnu.a $(TRANSFER_LIBS)

noinst_PROGRAMS += \
	tests/bin/bench-growth \
	tests/bin/bench-limit \
	tests/bin/bench-restore \
	tests/bin/bench-runtime \
	tests/bin/one-core
tests_bin_bench_growth_SOURCES = tests/bench/growth.c
tests_bin_bench_growth_CPPFLAGS = $(bench_cppflags)
tests_bin_bench_growth_LDADD = $(bench_ldadd)
tests_bin_bench_limit_SOURCES = tests/bench/limit.c
tests_bin_bench_limit_CPPFLAGS = $(bench_cppflags)
tests_bin_bench_limit_LDADD = $(bench_ldadd)
tests_bin_bench_restore_SOURCES = tests/bench/restore.c
tests_bin_bench_restore_CPPFLAGS = $(bench_cppflags)
tests_bin_bench_restore_LDADD = $(bench_ldadd)
tests_bin_bench_runtime_SOURCES = tests/bench/runtime.c
tests_bin_bench_runtime_CPPFLAGS = $(bench_cppflags)
tests_bin_bench_runtime_LDADD = $(bench_ldadd)

tests_bin_one_core_SOURCES = tests/bench/one-core.c
tests_bin_one_core_CFLAGS = $(AM_CFLAGS) $(ZSTD_CFLAGS)
tests_bin_one_core_LDADD = libruntime.a libbase.a gl/libgnu.a $(ZSTD_LIBS)

TESTS += tests/bench/smoke.sh
EXTRA_DIST += tests/bench/smoke.sh
