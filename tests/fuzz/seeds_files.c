/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "seeds.h"

#include "store/manifest_json.h"
#include "transfer/codec.h"
#include "transfer/pool.h"
#include "transfer/sink.h"
#include "transfer/stripe_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RAW_SIZE 40000u

static const uint8_t *
raw(void)
{
	static uint8_t bytes[RAW_SIZE];
	size_t i;

	for (i = 0; i < RAW_SIZE; i++)
		bytes[i] = (uint8_t)(i / 64 + i % 7);
	memcpy(bytes, "TAPE", 4);
	return (bytes);
}

static void
write_stripe(const char *name, size_t size, enum stripe_type type)
{
	struct stripe_identity identity = { .backup_id = { 1, 2, 3 },
		.stripe = 1, .stripes = 2, .type = type,
		.database = "S\xC3\xA4les" };
	struct stripe_write_options options;
	struct stripe_write *stripe;
	struct stripe_result result;
	struct pool *pool = pool_new(1, NULL);
	struct str path;

	str_init(&path);
	seeds_path(&path, "stripe", name);
	/* Sinks make new files only. */
	(void)remove(path.text);
	stripe_write_options_init(&options);
	options.frame_size = STRIPE_MIN_FRAME_SIZE;
	SEEDS_MUST(pool != NULL);
	stripe = stripe_write_open(pool, sink_file_open(path.text, NULL),
	    &identity, &options, NULL);
	SEEDS_MUST(stripe != NULL);
	SEEDS_MUST(stripe_write_copied(stripe, raw(), size, NULL) == 0);
	SEEDS_MUST(stripe_write_finish(stripe, &result, NULL) == 0);
	stripe_write_free(stripe);
	pool_free(pool);
	str_release(&path);
}

/* Frames as other programs write them, with and without company. */
static void
write_zstd(void)
{
	static const uint8_t skippable[] = { 0x50, 0x2A, 0x4D, 0x18, 3, 0, 0,
		0, 'a', 'b', 'c' };
	/* No content size, no checksum: one raw block. */
	static const uint8_t unsized[] = { 0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58,
		0x29, 0x00, 0x00, 'T', 'A', 'P', 'E', '!' };
	static const struct codec_settings settings = { .level = 3 };
	struct codec *codec = codec_new(NULL);
	size_t room = codec_bound(RAW_SIZE);
	uint8_t *frame = malloc(room);
	struct str file;
	size_t size;

	SEEDS_MUST(codec != NULL && frame != NULL);
	SEEDS_MUST(codec_compress(codec, &settings, raw(), 5000, frame, room,
	    &size, NULL) == 0);
	str_init(&file);
	str_add_bytes(&file, frame, size);
	seeds_put("stripe", "zstd", file.text, file.length);
	str_add_bytes(&file, skippable, sizeof(skippable));
	str_add_bytes(&file, frame, size);
	seeds_put("stripe", "zstd-twice", file.text, file.length);
	seeds_put("stripe", "zstd-unsized", unsized, sizeof(unsized));
	str_release(&file);
	free(frame);
	codec_free(codec);
}

void
seeds_stripes(void)
{
	write_stripe("one-frame", 1000, STRIPE_FULL);
	write_stripe("frames", 3 * STRIPE_MIN_FRAME_SIZE + 5, STRIPE_DIFF);
	write_stripe("empty", 0, STRIPE_LOG);
	write_zstd();
	seeds_put("stripe", "plain", raw(), 2000);
	seeds_put("stripe", "compressed", "MSSQLBAK\1\0\0\0", 12);
}

static void
add_stripes(struct manifest *manifest, unsigned count)
{
	struct manifest_stripe stripe = { .raw_bytes = 65536,
		.stored_bytes = 4711, .frames = 2, .sha256 = { 0xAB },
		.xxh128 = { 0xCD } };
	char name[32];
	unsigned i;

	manifest->set.devices = count;
	stripe.file = name;
	for (i = 1; i <= count; i++) {
		(void)snprintf(name, sizeof(name), "stripe-%uof%u.bak.zst", i,
		    count);
		SEEDS_MUST(manifest_add_stripe(manifest, &stripe, NULL) == 0);
	}
}

static void
write_manifest(const char *name, unsigned stripes)
{
	struct manifest manifest;
	char *text;

	manifest_init(&manifest);
	memset(manifest.id, 0x5A, sizeof(manifest.id));
	SEEDS_MUST(manifest_text(&manifest.tool, "vdibackup", 99, NULL) == 0 &&
	    manifest_text(&manifest.server, "HOST\\A", 99, NULL) == 0 &&
	    manifest_text(&manifest.database, "S\xC3\xA4les", 99, NULL) == 0 &&
	    manifest_text(&manifest.statement, "BACKUP", 99, NULL) == 0 &&
	    manifest_text(&manifest.set.provider, "native", 99, NULL) == 0 &&
	    manifest_text(&manifest.stream.server, "HOST", 99, NULL) == 0);
	manifest.has_stream = stripes > 1;
	manifest.stream.first.sequence = 30;
	manifest.stream.last.block = 4000000000u;
	manifest.stream.last.slot = 65535;
	manifest.stream.started = 1795505400;
	manifest.type = MANIFEST_LOG;
	manifest.started = 1795505400;
	manifest.finished = 253402300799;
	manifest.set.block_size = 512;
	manifest.set.transfer_size = 65536;
	manifest.frame_size = 4u << 20;
	manifest.level = -5;
	manifest.window_log = 27;
	manifest.has_levels = true;
	manifest.levels = (struct manifest_levels){ .min = -7, .max = 9,
		.lowest = -6, .highest = 3, .last = -5 };
	add_stripes(&manifest, stripes);
	SEEDS_MUST(manifest_add_message(&manifest, 3014, "a \"b\"\n\x1b",
	    NULL) == 0);
	SEEDS_MUST(manifest_add_fault(&manifest, "abort", NULL) == 0);
	text = manifest_json_encode(&manifest, NULL);
	SEEDS_MUST(text != NULL);
	seeds_put("manifest", name, text, strlen(text));
	free(text);
	manifest_release(&manifest);
}

void
seeds_manifests(void)
{
	write_manifest("made-one", 1);
	write_manifest("made-many", 5);
}
