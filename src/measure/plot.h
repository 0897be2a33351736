/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEASURE_PLOT_H
#define MEASURE_PLOT_H

#include "base/str.h"

#include <stddef.h>

/*
 * A curve of rate against ratio as an SVG image, of which each word is text
 * and each point a circle: what a browser shows and what a script can read.
 *
 * Lines have names for the legend, points belong to lines by number and are
 * joined in their order.  A curve has one line at least, and points with
 * positive rates and ratios.  Names may be anything: what XML cannot hold is
 * replaced.
 */

struct plot_point {
	size_t line;
	double rate;  /* MB/s, to the right */
	double ratio; /* upwards */
	char label[16];
};

struct plot {
	const char *title;
	const char *subtitle;
	const char *const *lines;
	size_t line_count;
	const struct plot_point *points;
	size_t point_count;
};

void plot_draw(struct str *to, const struct plot *plot);

/* A step of 1, 2 or 5 times a power of ten, so that about so many of them
 * make the span. */
double plot_step(double span, unsigned wanted);

#endif
