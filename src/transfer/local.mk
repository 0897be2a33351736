# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libtransfer.a
libtransfer_a_CFLAGS = $(AM_CFLAGS) $(ZSTD_CFLAGS) $(CRYPTO_CFLAGS) \
	$(XXHASH_CFLAGS)
# What a program that uses libtransfer.a links after libbase.a.
TRANSFER_LIBS = $(ZSTD_LIBS) $(CRYPTO_LIBS) $(XXHASH_LIBS)
libtransfer_a_SOURCES = \
	src/transfer/adapt.c \
	src/transfer/adapt.h \
	src/transfer/adapt_model.c \
	src/transfer/adapt_model.h \
	src/transfer/codec.c \
	src/transfer/codec.h \
	src/transfer/digest.h \
	src/transfer/digest_sha256.c \
	src/transfer/digest_xxh.c \
	src/transfer/footprint.c \
	src/transfer/footprint.h \
	src/transfer/pairing.c \
	src/transfer/pairing.h \
	src/transfer/pool.c \
	src/transfer/pool.h \
	src/transfer/pump.c \
	src/transfer/pump.h \
	src/transfer/pump_backup.c \
	src/transfer/pump_loop.h \
	src/transfer/pump_pending.c \
	src/transfer/pump_pending.h \
	src/transfer/pump_restore.c \
	src/transfer/rate.c \
	src/transfer/rate.h \
	src/transfer/sink.c \
	src/transfer/sink.h \
	src/transfer/sink_command.c \
	src/transfer/sink_fault.c \
	src/transfer/sink_fd.c \
	src/transfer/sink_file.c \
	src/transfer/slots.c \
	src/transfer/slots.h \
	src/transfer/source.c \
	src/transfer/source.h \
	src/transfer/stripe.c \
	src/transfer/stripe.h \
	src/transfer/stripe_give.c \
	src/transfer/stripe_give.h \
	src/transfer/stripe_input.c \
	src/transfer/stripe_input.h \
	src/transfer/stripe_read.c \
	src/transfer/stripe_read.h \
	src/transfer/stripe_store.c \
	src/transfer/stripe_store.h \
	src/transfer/stripe_table.c \
	src/transfer/stripe_table.h \
	src/transfer/stripe_walk.c \
	src/transfer/stripe_walk.h \
	src/transfer/stripe_write.c \
	src/transfer/stripe_write.h \
	src/transfer/stripe_writer.c \
	src/transfer/stripe_writer.h \
	src/transfer/thread.c \
	src/transfer/thread.h \
	src/transfer/wait_fd.c \
	src/transfer/wait_fd.h

EXTRA_DIST += doc/format.md
