/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOB_INSPECT_H
#define JOB_INSPECT_H

#include "job/job.h"
#include "mtf/model.h"

/*
 * What can be learned from files alone, with no server: verify, show, cat.
 *
 * Each takes what a user names: a backup folder, stripe files, plain .bak
 * files, or (verify) a store.  A folder with a manifest is held against it;
 * files are held against what they say of themselves.
 */

struct inspect_options {
	unsigned threads; /* 0: the machine's processors */
	bool partial; /* verify: a partial folder with a manifest will do */
	const atomic_int *stop; /* as a job's */
	job_event_handler *handler;
	void *handler_context;
};

/* One stripe or file after verify. */
struct inspect_file {
	char *path;
	struct error error; /* KIND_NONE: good */
	/* Its bytes are proven, but not in the tape format: what they are. */
	struct error other;
	uint64_t raw_bytes;
	uint64_t stored_bytes;
	uint64_t frames;
	uint64_t pages;         /* page data seen, in pages of 8 KiB */
	unsigned checksums;     /* backup checksums that were compared */
};

/* One backup: a folder, or the files that were named together. */
struct inspect_backup {
	char *path;
	char backup_id[40];
	char *server;
	char *database;
	char type[16]; /* manifest_type_name */
	bool has_manifest;
	bool is_drill;    /* the manifest names injected faults */
	struct error error; /* the first thing that is wrong */
	struct inspect_file *files;
	size_t file_count;
};

struct inspect_result {
	struct error error; /* the first backup's that has one */
	struct inspect_backup *backups;
	size_t backup_count;
	uint64_t raw_bytes;
	uint64_t stored_bytes;
	int64_t elapsed_ns;
};

/* Frames, digests, completeness, stream structure, backup checksums. */
int inspect_verify(const char *const *paths, size_t count,
    const struct inspect_options *options, struct inspect_result *result)
    MUST_CHECK;
void inspect_result_release(struct inspect_result *result);

/* What is in it: label, header, file list of each set, from the stream. */
struct inspect_set {
	struct mtf_set set;
	struct mtf_file *files;
	size_t file_count;
	bool is_final; /* the closing values were there */
};

struct inspect_show {
	struct mtf_label label;
	unsigned families_given; /* stripes that were looked at */
	struct inspect_set *sets;
	size_t set_count;
};

/* Reads the first stripe; what it says holds for all. */
int inspect_show(const char *const *paths, size_t count,
    const struct inspect_options *options, struct inspect_show *show,
    struct error *error) MUST_CHECK;
void inspect_show_release(struct inspect_show *show);

/* The plain stream of one file, or of several one after another, to fd. */
int inspect_cat(const char *const *paths, size_t count, int fd,
    const struct inspect_options *options, struct error *error) MUST_CHECK;

#endif
