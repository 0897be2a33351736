/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/version.h"

#include "cli/common.h"
#include "transfer/codec.h"

#include <jansson.h>

void
version_print(FILE *to)
{
	/* The first is auto. */
	const char *const *provider = common_providers() + 1;

	fprintf(to, "vdibackup %s\n", PACKAGE_VERSION);
	fprintf(to, "  zstd       %s, levels %d to %d\n", codec_version(),
	    codec_min_level(), codec_max_level());
	fprintf(to, "  jansson    %s\n", jansson_version_str());
	fputs("  engines    sqlite\n", to);
	fputs("  providers ", to);
	for (; *provider != NULL; provider++)
		fprintf(to, " %s", *provider);
	fputs("\n", to);
}
