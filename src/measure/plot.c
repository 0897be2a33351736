/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "measure/plot.h"

#include "base/attr.h"
#include "base/utf.h"

#include <string.h>

#define WIDTH 920
#define LEFT 80   /* where the axes meet */
#define TOP 80
#define RIGHT 620
#define BOTTOM 460
#define HEIGHT 530
#define LEGEND_TOP 100
#define LEGEND_STEP 20
#define TICKS 6

/* To be told apart by everybody, also in print. */
static const char *const colours[] = { "#0072b2", "#d55e00", "#009e73",
	"#cc79a7", "#e69f00", "#56b4e9", "#000000" };
static const char *const dashes[] = { "none", "7 4", "2 3", "9 3 2 3" };

/* One axis: what it shows, and the step of its ticks. */
struct axis {
	double low;
	double high;
	double step;
};

double
plot_step(double span, unsigned wanted)
{
	static const double steps[] = { 1, 2, 5, 10 };
	double wish = span / wanted;
	double power = 1;
	size_t i = 0;

	if (!(wish > 0))
		return (1);
	while (power > wish)
		power /= 10;
	while (power * 10 <= wish)
		power *= 10;
	while (i + 1 < ARRAY_COUNT(steps) && power * steps[i] < wish)
		i++;
	return (power * steps[i]);
}

/* The whole number of steps that is not above the value. */
static double
whole_steps(double value, double step)
{
	double count = (double)(long long)(value / step);

	return (count * step > value ? (count - 1) * step : count * step);
}

/* From the lowest to the highest value, with a step of air. */
static void
set_axis(struct axis *axis, double low, double high)
{
	double span = high - low;

	if (span < high / 20)
		span = high / 20;
	axis->step = plot_step(span, TICKS);
	axis->low = whole_steps(low - axis->step / 4, axis->step);
	if (axis->low < 0)
		axis->low = 0;
	axis->high = whole_steps(high + axis->step * 5 / 4, axis->step);
}

static void
set_axes(const struct plot *plot, struct axis *rate, struct axis *ratio)
{
	double fastest = 0;
	double most = 0;
	double least = 0;
	size_t i;

	for (i = 0; i < plot->point_count; i++) {
		const struct plot_point *point = &plot->points[i];

		if (point->rate > fastest)
			fastest = point->rate;
		if (point->ratio > most)
			most = point->ratio;
		if (i == 0 || point->ratio < least)
			least = point->ratio;
	}
	set_axis(rate, 0, fastest);
	/* Ratios lie near each other; what tells them apart is shown. */
	set_axis(ratio, least, most);
}

static double
place_x(const struct axis *axis, double value)
{
	return (LEFT + (value - axis->low) / (axis->high - axis->low) *
	    (RIGHT - LEFT));
}

static double
place_y(const struct axis *axis, double value)
{
	return (BOTTOM - (value - axis->low) / (axis->high - axis->low) *
	    (BOTTOM - TOP));
}

/* Text that XML can hold: no markup, no control characters, well-formed. */
static void
add_text(struct str *to, const char *text)
{
	bool is_utf = utf_is_valid(text);

	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '&')
			str_add(to, "&amp;");
		else if (c == '<')
			str_add(to, "&lt;");
		else if (c == '>')
			str_add(to, "&gt;");
		else if (c < 0x20 || c == 0x7F || (c >= 0x80 && !is_utf))
			str_add(to, "?");
		else if (strncmp(text, "\xEF\xBF\xBE", 3) == 0 ||
		    strncmp(text, "\xEF\xBF\xBF", 3) == 0) {
			str_add(to, "?");
			text += 2;
		} else
			str_add_bytes(to, text, 1);
	}
}

/* As many decimals as the step has. */
static int
decimals_of(double step)
{
	int count = 0;

	for (; step < 0.999 && count < 6; step *= 10)
		count++;
	return (count);
}

static void
add_rate_ticks(struct str *to, const struct axis *axis)
{
	int decimals = decimals_of(axis->step);
	double value;

	for (value = axis->low; value < axis->high + axis->step / 2;
	    value += axis->step) {
		double x = place_x(axis, value);

		str_addf(to, "<line class=\"grid\" x1=\"%.1f\" y1=\"%d\" "
		    "x2=\"%.1f\" y2=\"%d\"/>\n", x, TOP, x, BOTTOM + 5);
		str_addf(to, "<text x=\"%.1f\" y=\"%d\" "
		    "text-anchor=\"middle\">%.*f</text>\n", x, BOTTOM + 20,
		    decimals, value);
	}
}

static void
add_ratio_ticks(struct str *to, const struct axis *axis)
{
	int decimals = decimals_of(axis->step);
	double value;

	for (value = axis->low; value < axis->high + axis->step / 2;
	    value += axis->step) {
		double y = place_y(axis, value);

		str_addf(to, "<line class=\"grid\" x1=\"%d\" y1=\"%.1f\" "
		    "x2=\"%d\" y2=\"%.1f\"/>\n", LEFT - 5, y, RIGHT, y);
		str_addf(to, "<text x=\"%d\" y=\"%.1f\" "
		    "text-anchor=\"end\">%.*f</text>\n", LEFT - 9, y + 4,
		    decimals, value);
	}
}

static void
add_axes(struct str *to, const struct axis *rate, const struct axis *ratio)
{
	add_rate_ticks(to, rate);
	add_ratio_ticks(to, ratio);
	str_addf(to, "<path class=\"axis\" d=\"M%d %dV%dH%d\"/>\n", LEFT, TOP,
	    BOTTOM, RIGHT);
	str_addf(to, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">"
	    "rate, MB/s (1 MB = 1,000,000 bytes, uncompressed)</text>\n",
	    (LEFT + RIGHT) / 2, BOTTOM + 44);
	str_addf(to, "<text transform=\"translate(%d %d) rotate(-90)\" "
	    "text-anchor=\"middle\">ratio, uncompressed to stored</text>\n",
	    LEFT - 52, (TOP + BOTTOM) / 2);
}

static const char *
colour_of(size_t line)
{
	return (colours[line % ARRAY_COUNT(colours)]);
}

static const char *
dash_of(size_t line)
{
	return (dashes[line / ARRAY_COUNT(colours) % ARRAY_COUNT(dashes)]);
}

static void
add_line(struct str *to, const struct plot *plot, size_t line,
    const struct axis *rate, const struct axis *ratio)
{
	size_t i;

	str_addf(to, "<polyline stroke=\"%s\" stroke-dasharray=\"%s\" "
	    "points=\"", colour_of(line), dash_of(line));
	for (i = 0; i < plot->point_count; i++)
		if (plot->points[i].line == line)
			str_addf(to, "%.1f,%.1f ", place_x(rate,
			    plot->points[i].rate), place_y(ratio,
			    plot->points[i].ratio));
	str_add(to, "\"/>\n");
}

static void
add_points(struct str *to, const struct plot *plot, const struct axis *rate,
    const struct axis *ratio)
{
	size_t i;

	for (i = 0; i < plot->point_count; i++) {
		const struct plot_point *point = &plot->points[i];
		double x = place_x(rate, point->rate);
		double y = place_y(ratio, point->ratio);

		str_addf(to, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" "
		    "fill=\"%s\"><title>", x, y, colour_of(point->line));
		add_text(to, plot->lines[point->line]);
		str_add(to, ", level ");
		add_text(to, point->label);
		str_addf(to, ": %.1f MB/s, %.3f to 1</title></circle>\n",
		    point->rate, point->ratio);
		str_addf(to, "<text x=\"%.1f\" y=\"%.1f\" fill=\"%s\">",
		    x + 7, y - 6, colour_of(point->line));
		add_text(to, point->label);
		str_add(to, "</text>\n");
	}
}

static void
add_legend(struct str *to, const struct plot *plot)
{
	size_t i;

	str_addf(to, "<text x=\"%d\" y=\"%d\">numbers are levels</text>\n",
	    RIGHT + 24, LEGEND_TOP - LEGEND_STEP);
	for (i = 0; i < plot->line_count; i++) {
		int y = LEGEND_TOP + (int)i * LEGEND_STEP;

		str_addf(to, "<line stroke=\"%s\" stroke-dasharray=\"%s\" "
		    "stroke-width=\"2\" x1=\"%d\" y1=\"%d\" x2=\"%d\" "
		    "y2=\"%d\"/>\n", colour_of(i), dash_of(i), RIGHT + 24,
		    y - 4, RIGHT + 54, y - 4);
		str_addf(to, "<text x=\"%d\" y=\"%d\">", RIGHT + 60, y);
		add_text(to, plot->lines[i]);
		str_add(to, "</text>\n");
	}
}

void
plot_draw(struct str *to, const struct plot *plot)
{
	int height = LEGEND_TOP + (int)plot->line_count * LEGEND_STEP;
	struct axis rate;
	struct axis ratio;
	size_t i;

	if (height < HEIGHT)
		height = HEIGHT;
	set_axes(plot, &rate, &ratio);
	str_addf(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
	    "height=\"%d\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" "
	    "font-size=\"13\">\n<title>", WIDTH, height, WIDTH, height);
	add_text(to, plot->title);
	str_add(to, "</title>\n<style>polyline{fill:none;stroke-width:2}"
	    ".axis{fill:none;stroke:#333}.grid{stroke:#ddd}</style>\n"
	    "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
	str_addf(to, "<text x=\"%d\" y=\"30\" font-size=\"18\">", LEFT);
	add_text(to, plot->title);
	str_addf(to, "</text>\n<text x=\"%d\" y=\"52\" fill=\"#555\">", LEFT);
	add_text(to, plot->subtitle);
	str_add(to, "</text>\n");
	add_axes(to, &rate, &ratio);
	for (i = 0; i < plot->line_count; i++)
		add_line(to, plot, i, &rate, &ratio);
	add_points(to, plot, &rate, &ratio);
	add_legend(to, plot);
	str_add(to, "</svg>\n");
}
