/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/version.h"

#include "base/database.h"
#include "cli/common.h"
#include "transfer/codec.h"

#include <jansson.h>

void
version_print(FILE *to)
{
	/* The first is auto. */
	const char *const *provider = common_providers() + 1;
	unsigned i;

	fprintf(to, "vdibackup %s\n", PACKAGE_VERSION);
	fprintf(to, "  zstd       %s, levels %d to %d\n", codec_version(),
	    codec_min_level(), codec_max_level());
	fprintf(to, "  jansson    %s\n", jansson_version_str());
	fputs("  engines   ", to);
	for (i = 0; i < DATABASE_KINDS; i++)
		fprintf(to, " %s", database_kind_name((enum database_kind)i));
	fputs("\n", to);
	fputs("  providers ", to);
	for (; *provider != NULL; provider++)
		fprintf(to, " %s", *provider);
	fputs("\n", to);
}
