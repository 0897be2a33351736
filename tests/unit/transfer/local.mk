# SPDX-License-Identifier: Apache-2.0
if HAVE_CHECK
check_PROGRAMS += tests/bin/transfer-stripe
TESTS += tests/bin/transfer-stripe
endif
transfer_test_cflags = $(AM_CFLAGS) $(CHECK_CFLAGS)
transfer_test_ldadd = libtransfer.a libruntime.a libbase.a gl/libgnu.a \
	$(TRANSFER_LIBS) $(CHECK_LIBS)
transfer_test_support = \
	tests/unit/transfer/support.c \
	tests/unit/transfer/support.h

tests_bin_transfer_stripe_SOURCES = tests/unit/transfer/stripe.c \
	$(transfer_test_support)
tests_bin_transfer_stripe_CFLAGS = $(transfer_test_cflags)
tests_bin_transfer_stripe_LDADD = $(transfer_test_ldadd)
