# SPDX-License-Identifier: Apache-2.0
if HAVE_CHECK
check_PROGRAMS += tests/bin/job tests/bin/job-use
TESTS += tests/bin/job tests/bin/job-use
endif
tests_bin_job_SOURCES = tests/unit/job/job.c
tests_bin_job_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bin_job_LDADD = libjob.a libbase.a gl/libgnu.a $(CHECK_LIBS)
tests_bin_job_use_SOURCES = tests/unit/job/use.c
tests_bin_job_use_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bin_job_use_LDADD = libjob.a libtransfer.a libsql.a libprovider.a \
	libstore.a libruntime.a libmtf.a libbase.a gl/libgnu.a $(ZSTD_LIBS) \
	$(XXHASH_LIBS) $(JANSSON_LIBS) $(CRYPTO_LIBS) $(CHECK_LIBS)
