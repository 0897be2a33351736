/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "seeds.h"

#include "engine/wrap.h"
#include "mtf/checksum.h"
#include "mtf/page.h"
#include "mtf/writer.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRANSFER 65536u
#define CONTROL_MARK '\xC5'

/* A full backup of one file, as the engine describes its own. */
struct sample {
	struct mtf_label label;
	struct mtf_set set;
	struct mtf_file file;
	struct mtf_final final;
	struct mtf_spec spec;
};

static void
describe(struct sample *sample, char type, unsigned transfers)
{
	static const struct mtf_date date = { 2026, 11, 24, 7, 30, 15 };

	memset(sample, 0, sizeof(*sample));
	mtf_label_init(&sample->label);
	sample->label.family_id = 0x592FA74E;
	sample->label.set_id.bytes[0] = 1;
	sample->label.date = date;
	mtf_set_init(&sample->set);
	sample->set.type = type;
	sample->set.start = date;
	sample->set.set_guid.bytes[0] = 2;
	sample->set.first_lsn.seq = 30;
	strcpy(sample->set.name, "nightly \xE2\x80\x93 \xF0\x9F\x92\xBE");
	strcpy(sample->set.database, "Sales");
	strcpy(sample->set.server, "HOST\\INSTANCE");
	mtf_file_init(&sample->file, type == 'L' ? 'L' : 'D');
	sample->file.file_id = WRAP_FILE_ID;
	sample->file.group_id = 1;
	strcpy(sample->file.logical, "Sales");
	strcpy(sample->file.physical, "/data/sales.db");
	strcpy(sample->file.group, "PRIMARY");
	sample->final.finish = date;
	sample->final.last_lsn.seq = 31;
	sample->spec.label = &sample->label;
	sample->spec.set = &sample->set;
	sample->spec.files = &sample->file;
	sample->spec.file_count = 1;
	sample->spec.block_size = 512;
	sample->spec.transfer_size = TRANSFER;
	sample->spec.data_bytes = transfers * TRANSFER;
	sample->spec.with_checksum = true;
}

/* What was appended from start on, with a mark at each cut. */
static void
mark_cuts(struct str *out, size_t start, const struct mtf_cuts *cuts)
{
	struct str marked;
	size_t from = start;
	unsigned i;

	if (cuts == NULL)
		return;
	str_init(&marked);
	str_add_bytes(&marked, out->text, start);
	for (i = 0; i <= cuts->count; i++) {
		size_t to = i < cuts->count ? start + cuts->at[i] :
		    out->length;

		str_add_bytes(&marked, out->text + from, to - from);
		if (i < cuts->count)
			str_add(&marked, "\xF1MARK\xF1");
		from = to;
	}
	str_clear(out);
	str_add_bytes(out, marked.text, marked.length);
	str_release(&marked);
}

/* The whole stream behind what out holds; pages: the data. */
static void
write_stream(const struct sample *sample, const uint8_t *pages,
    struct str *out)
{
	struct mtf_sum sum;

	size_t start = out->length;

	mtf_sum_init(&sum);
	SEEDS_MUST(mtf_write_head(&sample->spec, out, NULL) == 0);
	mark_cuts(out, start, sample->spec.cuts);
	mtf_sum_add(&sum, pages, (size_t)sample->spec.data_bytes);
	str_add_bytes(out, pages, (size_t)sample->spec.data_bytes);
	start = out->length;
	SEEDS_MUST(mtf_write_tail(&sample->spec, &sample->final,
	    mtf_sum_value(&sum), out, NULL) == 0);
	mark_cuts(out, start, sample->spec.cuts);
	SEEDS_MUST(str_check(out, NULL) == 0);
}

void
seeds_streams(void)
{
	static uint8_t pages[TRANSFER];
	static const char types[] = { 'D', 'I', 'L' };
	uint8_t noise[700];
	struct mtf_cuts cuts = { .soft_size = 0 };
	struct sample sample;
	struct str stream;
	char name[16];
	size_t i;

	str_init(&stream);
	mtf_page_fill(pages, sizeof(pages), true);
	for (i = 0; i < 2 * sizeof(types); i++) {
		describe(&sample, types[i / 2], i % 2);
		str_clear(&stream);
		write_stream(&sample, pages, &stream);
		(void)snprintf(name, sizeof(name), "%c-%zu", types[i / 2],
		    i % 2);
		seeds_put("mtf", name, stream.text, stream.length);
		seeds_put("restore", name, stream.text, stream.length);
	}
	/* Later than a manifest's times go. */
	describe(&sample, 'D', 0);
	sample.final.finish.year = 16383;
	str_clear(&stream);
	write_stream(&sample, pages, &stream);
	seeds_put("mtf", "late", stream.text, stream.length);
	/* A set without a file, which takes the place of nothing. */
	describe(&sample, 'D', 0);
	sample.spec.file_count = 0;
	str_clear(&stream);
	write_stream(&sample, pages, &stream);
	seeds_put("restore", "no-file", stream.text, stream.length);
	describe(&sample, 'D', 0);
	sample.spec.cuts = &cuts;
	str_clear(&stream);
	write_stream(&sample, pages, &stream);
	seeds_put("mtf", "marks", stream.text, stream.length);
	str_release(&stream);
	for (i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)(i * 7 % 61);
	seeds_put("mtf_write", "noise", noise, sizeof(noise));
	memset(noise, 1, sizeof(noise));
	seeds_put("mtf_write", "ones", noise, sizeof(noise));
}

/* A small database, as its file's bytes; owned by the caller. */
static uint8_t *
make_database(sqlite3_int64 *size)
{
	sqlite3 *db = NULL;
	uint8_t *bytes;

	SEEDS_MUST(sqlite3_open(":memory:", &db) == SQLITE_OK);
	SEEDS_MUST(sqlite3_exec(db, "PRAGMA page_size=512;"
	    "CREATE TABLE t(a); INSERT INTO t VALUES (zeroblob(9000))", NULL,
	    NULL, NULL) == SQLITE_OK);
	bytes = sqlite3_serialize(db, "main", size, 0);
	SEEDS_MUST(bytes != NULL);
	(void)sqlite3_close(db);
	return (bytes);
}

/* Transfer `number` of the file: its pages, and filler behind them. */
static void
fill_transfer(const struct wrap_plan *plan, const uint8_t *bytes,
    uint64_t number, uint8_t pages[TRANSFER])
{
	struct wrap_meta meta = { .bytes = plan->bytes, .page_size = 512,
		.version = "seed" };
	uint64_t first = number * plan->per_transfer;
	uint32_t count = plan->per_transfer;
	uint32_t i;

	memset(pages, 0, TRANSFER);
	mtf_page_fill(pages, TRANSFER, true);
	if (first >= plan->pages)
		return;
	for (i = 0; i < count; i++) {
		uint8_t *content = pages + i * MTF_PAGE_SIZE +
		    MTF_PAGE_HEADER;
		uint64_t at = (first + i - 1) * MTF_PAGE_CONTENT;

		memset(content, 0, MTF_PAGE_CONTENT);
		if (first + i == 0)
			wrap_meta_put(content, &meta);
		else if (at < plan->bytes)
			memcpy(content, bytes + at, plan->bytes - at <
			    MTF_PAGE_CONTENT ? (size_t)(plan->bytes - at) :
			    MTF_PAGE_CONTENT);
	}
	wrap_stamp(first, count, pages, true);
}

static void
put_choice(struct str *stream, unsigned choice, size_t split,
    const char *name)
{
	char control[4] = { (char)choice, (char)(split / 512),
		(char)(split / 512 >> 8), CONTROL_MARK };
	size_t length = stream->length;

	str_add_bytes(stream, control, sizeof(control));
	SEEDS_MUST(str_check(stream, NULL) == 0);
	seeds_put("restore", name, stream->text, stream->length);
	/* The next choice is of the same stream. */
	stream->length = length;
}

void
seeds_restores(void)
{
	static uint8_t pages[TRANSFER];
	struct wrap_plan plan;
	struct sample sample;
	struct str stream;
	sqlite3_int64 size;
	uint8_t *bytes = make_database(&size);
	size_t split = 0;
	unsigned i;
	char name[16];

	str_init(&stream);
	SEEDS_MUST(wrap_plan_make(&plan, (uint64_t)size, TRANSFER, 1,
	    NULL) == 0);
	SEEDS_MUST(plan.quota == 1);
	describe(&sample, 'D', 1);
	sample.file.pages = (uint32_t)plan.pages;
	fill_transfer(&plan, bytes, 0, pages);
	write_stream(&sample, pages, &stream);
	for (i = 0; i < 35; i++) {
		(void)snprintf(name, sizeof(name), "made-%u", i);
		put_choice(&stream, i, 0, name);
	}
	str_clear(&stream);
	sample.label.family_count = 2;
	for (i = 1; i <= 2; i++) {
		sample.label.family_sequence = (uint16_t)i;
		fill_transfer(&plan, bytes, i - 1, pages);
		write_stream(&sample, pages, &stream);
		if (i == 1)
			split = stream.length;
	}
	put_choice(&stream, 0, split, "two");
	put_choice(&stream, 1, split, "two-verified");
	str_release(&stream);
	sqlite3_free(bytes);
}

/* The two files beside a database in WAL mode, as target wal wants them. */
static void
put_log(const char *database, const char *name)
{
	static uint8_t bytes[1 << 16];
	struct str path;
	struct str input;
	size_t got;
	FILE *file;

	str_init(&path);
	str_init(&input);
	str_addf(&path, "%s-shm", database);
	file = fopen(path.text, "rb");
	SEEDS_MUST(file != NULL && fread(bytes, 1, 100, file) == 100);
	(void)fclose(file);
	str_add_bytes(&input, bytes, 48);
	str_add_bytes(&input, "\0", 1);
	str_add_bytes(&input, bytes + 96, 4);
	str_clear(&path);
	str_addf(&path, "%s-wal", database);
	file = fopen(path.text, "rb");
	SEEDS_MUST(file != NULL);
	got = fread(bytes, 1, sizeof(bytes), file);
	(void)fclose(file);
	str_add_bytes(&input, bytes, got);
	seeds_put("wal", name, input.text, input.length);
	str_release(&input);
	str_release(&path);
}

void
seeds_logs(void)
{
	sqlite3 *db = NULL;
	struct str path;

	str_init(&path);
	seeds_path(&path, "wal", "database");
	(void)remove(path.text);
	SEEDS_MUST(sqlite3_open(path.text, &db) == SQLITE_OK);
	SEEDS_MUST(sqlite3_exec(db, "PRAGMA page_size=512;"
	    "PRAGMA journal_mode=WAL; CREATE TABLE t(a)", NULL, NULL,
	    NULL) == SQLITE_OK);
	put_log(path.text, "short");
	SEEDS_MUST(sqlite3_exec(db, "INSERT INTO t VALUES (zeroblob(2000));"
	    "UPDATE t SET a = zeroblob(1500)", NULL, NULL, NULL) ==
	    SQLITE_OK);
	put_log(path.text, "long");
	SEEDS_MUST(sqlite3_close(db) == SQLITE_OK);
	(void)remove(path.text);
	str_release(&path);
}
