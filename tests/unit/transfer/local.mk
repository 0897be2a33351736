# SPDX-License-Identifier: Apache-2.0
transfer_tests = \
	tests/bin/transfer-adapt \
	tests/bin/transfer-codec \
	tests/bin/transfer-command \
	tests/bin/transfer-forged \
	tests/bin/transfer-give \
	tests/bin/transfer-lend \
	tests/bin/transfer-pairing \
	tests/bin/transfer-pump \
	tests/bin/transfer-rate \
	tests/bin/transfer-read \
	tests/bin/transfer-stripe \
	tests/bin/transfer-sinks \
	tests/bin/transfer-sweep \
	tests/bin/transfer-write
if HAVE_CHECK
check_PROGRAMS += $(transfer_tests) tests/bin/transfer-digest
TESTS += $(transfer_tests) tests/bin/transfer-digest
endif
transfer_test_cflags = $(AM_CFLAGS) $(CHECK_CFLAGS)
transfer_test_ldadd = libtransfer.a libruntime.a libbase.a gl/libgnu.a \
	$(TRANSFER_LIBS) $(CHECK_LIBS)
transfer_test_support = \
	tests/unit/transfer/support.c \
	tests/unit/transfer/support.h

tests_bin_transfer_adapt_SOURCES = tests/unit/transfer/adapt.c \
	$(transfer_test_support)
tests_bin_transfer_adapt_CFLAGS = $(transfer_test_cflags)
tests_bin_transfer_adapt_LDADD = $(transfer_test_ldadd)

tests_bin_transfer_codec_SOURCES = tests/unit/transfer/codec.c
tests_bin_transfer_codec_CFLAGS = $(transfer_test_cflags)
tests_bin_transfer_codec_LDADD = $(transfer_test_ldadd)

tests_bin_transfer_command_SOURCES = tests/unit/transfer/command.c \
	$(transfer_test_support)
tests_bin_transfer_command_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_bin_transfer_command_CFLAGS = $(transfer_test_cflags)
tests_bin_transfer_command_LDADD = $(transfer_test_ldadd)

tests_bin_transfer_digest_SOURCES = tests/unit/transfer/digest.c \
	$(transfer_test_support)
tests_bin_transfer_digest_CFLAGS = $(transfer_test_cflags) $(XXHASH_CFLAGS)
tests_bin_transfer_digest_LDADD = $(transfer_test_ldadd)

tests_bin_transfer_forged_SOURCES = tests/unit/transfer/forged.c \
	$(transfer_test_support)
tests_bin_transfer_forged_CFLAGS = $(transfer_test_cflags)
tests_bin_transfer_forged_LDADD = $(transfer_test_ldadd)

tests_bin_transfer_give_SOURCES = tests/unit/transfer/give.c \
	$(transfer_test_support)
tests_bin_transfer_give_CFLAGS = $(transfer_test_cflags)
tests_bin_transfer_give_LDADD = $(transfer_test_ldadd)

tests_bin_transfer_lend_SOURCES = tests/unit/transfer/lend.c \
	tests/unit/transfer/forms.c \
	tests/unit/transfer/forms.h \
	$(transfer_test_support)
tests_bin_transfer_lend_CFLAGS = $(transfer_test_cflags)
tests_bin_transfer_lend_LDADD = $(transfer_test_ldadd)

tests_bin_transfer_pairing_SOURCES = tests/unit/transfer/pairing.c \
	$(transfer_test_support)
tests_bin_transfer_pairing_CFLAGS = $(transfer_test_cflags)
tests_bin_transfer_pairing_LDADD = $(transfer_test_ldadd)

tests_bin_transfer_rate_SOURCES = tests/unit/transfer/rate.c \
	$(transfer_test_support)
tests_bin_transfer_rate_CFLAGS = $(transfer_test_cflags)
tests_bin_transfer_rate_LDADD = $(transfer_test_ldadd)

tests_bin_transfer_read_SOURCES = tests/unit/transfer/read.c \
	$(transfer_test_support)
tests_bin_transfer_read_CFLAGS = $(transfer_test_cflags)
tests_bin_transfer_read_LDADD = $(transfer_test_ldadd)

tests_bin_transfer_stripe_SOURCES = tests/unit/transfer/stripe.c \
	$(transfer_test_support)
tests_bin_transfer_stripe_CFLAGS = $(transfer_test_cflags)
tests_bin_transfer_stripe_LDADD = $(transfer_test_ldadd)

tests_bin_transfer_sinks_SOURCES = tests/unit/transfer/sinks.c \
	$(transfer_test_support)
tests_bin_transfer_sinks_CFLAGS = $(transfer_test_cflags)
tests_bin_transfer_sinks_LDADD = $(transfer_test_ldadd)

tests_bin_transfer_sweep_SOURCES = tests/unit/transfer/sweep.c \
	tests/unit/transfer/forms.c \
	tests/unit/transfer/forms.h \
	$(transfer_test_support)
tests_bin_transfer_sweep_CFLAGS = $(transfer_test_cflags)
tests_bin_transfer_sweep_LDADD = $(transfer_test_ldadd)

tests_bin_transfer_write_SOURCES = tests/unit/transfer/write.c \
	$(transfer_test_support)
tests_bin_transfer_write_CFLAGS = $(transfer_test_cflags)
tests_bin_transfer_write_LDADD = $(transfer_test_ldadd)

tests_bin_transfer_pump_SOURCES = \
	tests/unit/transfer/pump/ahead.c \
	tests/unit/transfer/pump/backup.c \
	tests/unit/transfer/pump/bench.c \
	tests/unit/transfer/pump/bench.h \
	tests/unit/transfer/pump/drills.c \
	tests/unit/transfer/pump/fill.c \
	tests/unit/transfer/pump/let_go.c \
	tests/unit/transfer/pump/main.c \
	tests/unit/transfer/pump/pump_tests.h \
	tests/unit/transfer/pump/reads.c \
	tests/unit/transfer/pump/reads.h \
	tests/unit/transfer/pump/restore.c \
	$(transfer_test_support)
tests_bin_transfer_pump_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_bin_transfer_pump_CFLAGS = $(transfer_test_cflags)
tests_bin_transfer_pump_LDADD = $(transfer_test_ldadd)
