# SPDX-License-Identifier: Apache-2.0
if HAVE_CHECK
check_PROGRAMS += tests/bin/contract
TESTS += tests/bin/contract
endif
tests_bin_contract_SOURCES = \
	tests/contract/partner.c \
	tests/contract/partner.h \
	tests/contract/provider.c
tests_bin_contract_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
if SQLVDI
tests_bin_contract_CPPFLAGS = $(AM_CPPFLAGS) -DTEST_SQLVDI
EXTRA_tests_bin_contract_DEPENDENCIES = libsqlvdi.la \
	tests/vendor/warden.la
endif
tests_bin_contract_LDADD = libprovider.a libruntime.a libbase.a \
	gl/libgnu.a $(CHECK_LIBS)
