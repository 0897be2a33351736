# SPDX-License-Identifier: Apache-2.0
if HAVE_CHECK
check_PROGRAMS += tests/bin/job
TESTS += tests/bin/job
endif
tests_bin_job_SOURCES = tests/unit/job/job.c
tests_bin_job_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bin_job_LDADD = libjob.a libbase.a gl/libgnu.a $(CHECK_LIBS)
