# SPDX-License-Identifier: Apache-2.0
# The provider over the vendor's library, with libraries that watch it, refuse
# it, or are none. libtool makes a shared object of what is loaded by name
# because of -rpath.
vendor_thread_tests =
vendor_tests = tests/vendor/jobs.sh tests/vendor/libraries.sh
if SQLVDI
check_LTLIBRARIES += tests/vendor/lacking.la tests/vendor/warden.la
TESTS += $(vendor_tests)
vendor_thread_tests += tests/vendor/jobs.sh
if HAVE_CHECK
check_PROGRAMS += tests/bin/vendor
TESTS += tests/bin/vendor
vendor_thread_tests += tests/bin/vendor
endif
endif
tests_vendor_lacking_la_SOURCES = tests/vendor/lacking.c
tests_vendor_lacking_la_CFLAGS = $(AM_CFLAGS)
tests_vendor_lacking_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
	-rpath $(abs_top_builddir)
tests_vendor_warden_la_SOURCES = tests/vendor/warden.c tests/vendor/warden.h
tests_vendor_warden_la_CFLAGS = $(AM_CFLAGS) -fvisibility=hidden
tests_vendor_warden_la_LDFLAGS = $(tests_vendor_lacking_la_LDFLAGS)
tests_bin_vendor_SOURCES = tests/vendor/vendor.c
tests_bin_vendor_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bin_vendor_LDADD = libprovider.a libruntime.a libbase.a gl/libgnu.a \
	$(CHECK_LIBS)
EXTRA_DIST += $(vendor_tests)
