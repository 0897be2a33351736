/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/database.h"

#include "base/num.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_RATIO 300u
#define DEFAULT_SEED 1u

static const char *const kind_names[] = {
	[DATABASE_SQLITE] = "sqlite",
	[DATABASE_REPLAY] = "replay",
	[DATABASE_SYNTHETIC] = "synthetic",
};

_Static_assert(ARRAY_COUNT(kind_names) == DATABASE_KINDS, "a name for each");

const char *
database_kind_name(enum database_kind kind)
{
	return (kind_names[kind]);
}

const char *
database_split(const char *text, enum database_kind *kind)
{
	size_t i;

	for (i = 0; i < DATABASE_KINDS; i++) {
		size_t length = strlen(kind_names[i]);

		if (strncmp(text, kind_names[i], length) != 0 ||
		    text[length] != ':' || text[length + 1] == '\0')
			continue;
		*kind = (enum database_kind)i;
		return (text + length + 1);
	}
	return (NULL);
}

static int
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return (at != NULL ? (int)(at - digits) % 16 : -1);
}

/* The text in place, with %XX as what it stands for; -1: it does not. */
static int
decode(char *text)
{
	char *to = text;
	int byte;

	while (*text != '\0') {
		if (*text != '%') {
			*to++ = *text++;
			continue;
		}
		if (hex_digit(text[1]) < 0 || hex_digit(text[2]) < 0)
			return (-1);
		byte = hex_digit(text[1]) << 4 | hex_digit(text[2]);
		if (byte == 0)
			return (-1);
		*to++ = (char)byte;
		text += 3;
	}
	*to = '\0';
	return (0);
}

/* Takes path. */
static int
add_path(struct database *database, char *path, struct error *error)
{
	char **paths;

	if (path == NULL)
		return (error_memory(error));
	paths = realloc(database->paths, (database->path_count + 1) *
	    sizeof(*paths));
	if (paths == NULL) {
		free(path);
		return (error_memory(error));
	}
	database->paths = paths;
	paths[database->path_count++] = path;
	return (0);
}

static int
parse_paths(struct database *database, const char *text, struct error *error)
{
	for (;;) {
		size_t length = strcspn(text, ",");

		if (length == 0)
			return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
			    "a path is empty"));
		if (database->path_count == DATABASE_PATHS_MAX)
			return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
			    "more than %u paths", DATABASE_PATHS_MAX));
		if (add_path(database, strndup(text, length), error) != 0)
			return (-1);
		if (decode(database->paths[database->path_count - 1]) != 0) {
			IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US,
			    0, "\"%.*s\" has a percent sign without the two "
			    "digits of a byte", (int)length, text));
			error_hint(error, "write a percent sign as %%25 and a "
			    "comma as %%2C");
			return (-1);
		}
		if (text[length] == '\0')
			return (0);
		text += length + 1;
	}
}

/* "3", "2.5", "12.75", in hundredths. */
static int
parse_ratio(struct database *database, const char *text)
{
	size_t whole = strcspn(text, ".");
	char digits[8] = "";
	int64_t units = 0;
	int64_t hundredths = 0;
	int64_t ratio;

	if (text[0] == '-' || whole > 2)
		return (-1);
	memcpy(digits, text, whole);
	if (num_parse(digits, 0, 99, &units) != 0)
		return (-1);
	if (text[whole] == '.') {
		const char *decimals = text + whole + 1;

		if (decimals[0] == '-' || strlen(decimals) > 2 ||
		    num_parse(decimals, 0, 99, &hundredths) != 0)
			return (-1);
		if (decimals[1] == '\0')
			hundredths *= 10;
	}
	ratio = units * 100 + hundredths;
	if (ratio < DATABASE_RATIO_MIN || ratio > DATABASE_RATIO_MAX)
		return (-1);
	database->ratio = (unsigned)ratio;
	return (0);
}

static int
parse_key(struct database *database, const char *text, struct error *error)
{
	int64_t seed;

	if (strncmp(text, "ratio=", 6) == 0) {
		if (parse_ratio(database, text + 6) == 0)
			return (0);
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%s\" is not a ratio from 1 to 20, such as 3 or 2.5",
		    text));
	}
	if (strncmp(text, "seed=", 5) == 0) {
		if (num_parse(text + 5, 0, INT64_MAX, &seed) != 0)
			return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
			    "\"%s\" is not a number from 0", text));
		database->seed = (uint64_t)seed;
		return (0);
	}
	return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
	    "\"%s\" is neither ratio=R nor seed=N", text));
}

static int
parse_synthetic(struct database *database, char *text, struct error *error)
{
	char *rest = text;
	char *word = strsep(&rest, ",");

	database->ratio = DEFAULT_RATIO;
	database->seed = DEFAULT_SEED;
	if (num_parse_size(word, &database->bytes) != 0 ||
	    database->bytes == 0 || database->bytes > INT64_MAX)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%s\" is not a size such as 16GiB", word));
	while ((word = strsep(&rest, ",")) != NULL)
		if (parse_key(database, word, error) != 0)
			return (-1);
	return (0);
}

int
database_parse(struct database *database, enum database_kind kind,
    const char *text, struct error *error)
{
	char *copy;
	int result;

	memset(database, 0, sizeof(*database));
	database->kind = kind;
	if (kind == DATABASE_REPLAY)
		return (parse_paths(database, text, error));
	copy = strdup(text);
	if (kind == DATABASE_SQLITE)
		return (add_path(database, copy, error));
	if (copy == NULL)
		return (error_memory(error));
	result = parse_synthetic(database, copy, error);
	free(copy);
	return (result);
}

void
database_release(struct database *database)
{
	unsigned i;

	for (i = 0; i < database->path_count; i++)
		free(database->paths[i]);
	free(database->paths);
	database->paths = NULL;
	database->path_count = 0;
}
