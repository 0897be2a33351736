/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a curve is well-formed, and shows what it was given. */
#include <config.h>

#include "measure/plot.h"
#include "measure_tests.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ABOUT 1e-9
#define DEPTH_MAX 16

static size_t
occurrences(const char *text, const char *what)
{
	size_t found = 0;

	for (; (text = strstr(text, what)) != NULL; text += strlen(what))
		found++;
	return (found);
}

/*
 * As much of XML as the image uses: one declaration, elements that are closed
 * in their order, attributes in double quotes, no bare ampersand.
 */
static void
check_xml(const char *text)
{
	char open[DEPTH_MAX][32];
	size_t depth = 0;
	size_t roots = 0;

	ck_assert_int_eq(strncmp(text, "<?xml ", 6), 0);
	text = strstr(text, "?>") + 2;
	for (; *text != '\0'; text++) {
		const char *end = strchr(text, '>');
		size_t length;

		if (*text == '&')
			ck_assert(strncmp(text, "&amp;", 5) == 0 ||
			    strncmp(text, "&lt;", 4) == 0 ||
			    strncmp(text, "&gt;", 4) == 0);
		ck_assert((unsigned char)*text >= 0x20 || *text == '\n');
		if (*text != '<')
			continue;
		ck_assert_ptr_nonnull(end);
		length = strcspn(text + 1, " />");
		if (text[1] == '/') {
			ck_assert_uint_gt(depth, 0);
			depth--;
			length = (size_t)(end - text) - 2;
			ck_assert_uint_eq(strlen(open[depth]), length);
			ck_assert_int_eq(strncmp(open[depth], text + 2,
			    length), 0);
		} else if (end[-1] != '/') {
			ck_assert_uint_lt(depth, DEPTH_MAX);
			ck_assert_uint_lt(length, sizeof(open[0]));
			roots += depth == 0;
			memcpy(open[depth], text + 1, length);
			open[depth++][length] = '\0';
		}
		text = end;
	}
	ck_assert_uint_eq(depth, 0);
	ck_assert_uint_eq(roots, 1);
}

START_TEST(a_curve_has_axes_lines_and_labels)
{
	static const char *const lines[] = { "1 device, 2 threads",
		"4 devices, 2 threads" };
	static const struct plot_point points[] = {
		{ 0, 812.5, 2.51, "1" },
		{ 0, 601, 3.01, "3" },
		{ 0, 98, 3.32, "9" },
		{ 1, 799, 2.5, "-5" },
	};
	struct plot plot = { "title of it", "below", lines, 2, points, 4 };
	struct str text;

	str_init(&text);
	plot_draw(&text, &plot);
	check_xml(text.text);
	ck_assert_uint_eq(occurrences(text.text, "<polyline "), 2);
	ck_assert_uint_eq(occurrences(text.text, "<circle "), 4);
	ck_assert_ptr_nonnull(strstr(text.text, "rate, MB/s"));
	ck_assert_ptr_nonnull(strstr(text.text, "ratio, uncompressed"));
	ck_assert_ptr_nonnull(strstr(text.text, ">title of it</text>"));
	ck_assert_ptr_nonnull(strstr(text.text, ">4 devices, 2 threads<"));
	ck_assert_ptr_nonnull(strstr(text.text, ">-5</text>"));
	ck_assert_ptr_nonnull(strstr(text.text,
	    "level 3: 601.0 MB/s, 3.010 to 1"));
	/* Ticks: rates from nothing, ratios from below the lowest. */
	ck_assert_ptr_nonnull(strstr(text.text, ">800</text>"));
	ck_assert_ptr_nonnull(strstr(text.text, ">2.4</text>"));
	ck_assert_ptr_nonnull(strstr(text.text, ">3.4</text>"));
	str_release(&text);
}
END_TEST

/* Where the points of the picture are. */
static bool
is_inside(const char *text)
{
	const char *at = text;

	while ((at = strstr(at, "<circle cx=\"")) != NULL) {
		char *end;
		double x = strtod(at + strlen("<circle cx=\""), &end);
		double y = strtod(end + strlen("\" cy=\""), &end);

		if (!(x >= 80 && x <= 620 && y >= 80 && y <= 460))
			return (false);
		at = end;
	}
	return (true);
}

START_TEST(any_numbers_lie_within_the_axes)
{
	static const double rates[] = { 0.001, 3, 999.9, 1000, 65000 };
	static const double ratios[] = { 0.99, 1, 1.0001, 9.99, 500 };
	static const char *const lines[] = { "x" };
	struct plot_point points[2] = { { 0, 1, 1, "1" }, { 0, 1, 1, "2" } };
	struct plot plot = { "t", "s", lines, 1, points, 2 };
	struct str text;
	size_t i;
	size_t j;

	for (i = 0; i < 25; i++)
		for (j = 0; j < 25; j++) {
			points[0].rate = rates[i / 5];
			points[0].ratio = ratios[i % 5];
			points[1].rate = rates[j / 5];
			points[1].ratio = ratios[j % 5];
			str_init(&text);
			plot_draw(&text, &plot);
			check_xml(text.text);
			ck_assert_ptr_null(strstr(text.text, "nan"));
			ck_assert_ptr_null(strstr(text.text, "inf"));
			ck_assert_msg(is_inside(text.text), "%zu %zu", i, j);
			ck_assert_uint_lt(occurrences(text.text,
			    "class=\"grid\""), 30);
			str_release(&text);
		}
}
END_TEST

START_TEST(names_of_any_kind_stay_text)
{
	static const char *const lines[] = { "a<b>&\"c\"", "\x1b[31m\xff" };
	static const struct plot_point points[] = { { 0, 1, 2, "<&>" },
		{ 1, 2, 3, "\xEF\xBF\xBE" } };
	struct plot plot = { "</svg>", "K\xC3\xA4se", lines, 2, points, 2 };
	struct str text;

	str_init(&text);
	plot_draw(&text, &plot);
	check_xml(text.text);
	ck_assert_ptr_nonnull(strstr(text.text, "a&lt;b&gt;&amp;\"c\""));
	ck_assert_ptr_nonnull(strstr(text.text, ">?[31m?<"));
	ck_assert_ptr_nonnull(strstr(text.text, ">K\xC3\xA4se<"));
	ck_assert_ptr_null(strstr(text.text, "\xEF\xBF\xBE"));
	str_release(&text);
}
END_TEST

START_TEST(many_lines_have_a_legend_that_fits)
{
	const char *lines[40];
	struct plot_point points[40];
	struct plot plot = { "t", "s", lines, 40, points, 40 };
	struct str text;
	size_t i;

	for (i = 0; i < 40; i++) {
		lines[i] = "some";
		points[i] = (struct plot_point){ i, 1 + (double)i, 2, "3" };
	}
	str_init(&text);
	plot_draw(&text, &plot);
	check_xml(text.text);
	ck_assert_ptr_nonnull(strstr(text.text, "height=\"900\""));
	str_release(&text);
}
END_TEST

START_TEST(steps_are_round)
{
	ck_assert_double_eq_tol(plot_step(600, 6), 100, ABOUT);
	ck_assert_double_eq_tol(plot_step(700, 6), 200, ABOUT);
	ck_assert_double_eq_tol(plot_step(0.9, 6), 0.2, ABOUT);
	ck_assert_double_eq_tol(plot_step(23, 6), 5, ABOUT);
	ck_assert_double_eq_tol(plot_step(55, 6), 10, ABOUT);
	ck_assert_double_eq_tol(plot_step(0, 6), 1, ABOUT);
}
END_TEST

TCase *
tests_plot(void)
{
	TCase *tcase = tcase_create("plot");

	tcase_add_test(tcase, a_curve_has_axes_lines_and_labels);
	tcase_add_test(tcase, any_numbers_lie_within_the_axes);
	tcase_add_test(tcase, names_of_any_kind_stay_text);
	tcase_add_test(tcase, many_lines_have_a_legend_that_fits);
	tcase_add_test(tcase, steps_are_round);
	return (tcase);
}
