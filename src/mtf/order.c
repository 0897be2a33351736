/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "mtf/order.h"

#include "base/bytes.h"

/* Each allowed step; the first that fits is taken. */
static const struct step {
	enum mtf_place from;
	uint32_t type;
	enum mtf_place to;
} steps[] = {
	{ MTF_PLACE_TAPE, MTF_TAPE, MTF_PLACE_FIRST_MARK },
	{ MTF_PLACE_FIRST_MARK, MTF_SFMB, MTF_PLACE_SET },
	{ MTF_PLACE_SET, MTF_SSET, MTF_PLACE_CONFIG },
	{ MTF_PLACE_SET, MTF_EOTM, MTF_PLACE_SET },
	{ MTF_PLACE_CONFIG, MTF_VOLB, MTF_PLACE_CONFIG },
	{ MTF_PLACE_CONFIG, MTF_MSCI, MTF_PLACE_DATA },
	{ MTF_PLACE_DATA, MTF_MSDA, MTF_PLACE_DATA },
	{ MTF_PLACE_DATA, MTF_MSTL, MTF_PLACE_DATA },
	{ MTF_PLACE_DATA, MTF_MSLS, MTF_PLACE_SET_MARK },
	{ MTF_PLACE_SET_MARK, MTF_SFMB, MTF_PLACE_FIRST_END },
	{ MTF_PLACE_FIRST_END, MTF_ESET, MTF_PLACE_SECOND_END },
	{ MTF_PLACE_SECOND_END, MTF_ESET, MTF_PLACE_LAST_MARK },
	{ MTF_PLACE_LAST_MARK, MTF_SFMB, MTF_PLACE_SET }
};

bool
mtf_order_knows(uint32_t type)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(steps); i++)
		if (steps[i].type == type)
			return (true);
	return (false);
}

const char *
mtf_order_wanted(const struct mtf_order *order)
{
	switch (order->place) {
	case MTF_PLACE_TAPE:
		return ("block \"TAPE\"");
	case MTF_PLACE_FIRST_MARK:
	case MTF_PLACE_SET_MARK:
	case MTF_PLACE_LAST_MARK:
		return ("filemark \"SFMB\"");
	case MTF_PLACE_SET:
		return (order->sets > 0 ?
		    "block \"SSET\" or the end" : "block \"SSET\"");
	case MTF_PLACE_CONFIG:
		return ("block \"VOLB\" or \"MSCI\"");
	case MTF_PLACE_DATA:
		return ("block \"MSDA\", \"MSTL\" or \"MSLS\"");
	case MTF_PLACE_FIRST_END:
	case MTF_PLACE_SECOND_END:
		return ("block \"ESET\"");
	}
	return ("a block");
}

bool
mtf_order_is_complete(const struct mtf_order *order)
{
	return (order->place == MTF_PLACE_SET && order->sets > 0);
}

static bool
is_in_set(enum mtf_place place)
{
	return (place == MTF_PLACE_CONFIG || place == MTF_PLACE_DATA);
}

static const struct step *
find_step(enum mtf_place place, uint32_t type)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(steps); i++)
		if (steps[i].from == place && steps[i].type == type)
			return (&steps[i]);
	return (NULL);
}

/* Whether a block of the set stands where it says. */
static int
check_position(const struct mtf_order *order, const uint8_t *header,
    uint64_t offset, uint32_t format_block, struct error *error)
{
	uint64_t address = bytes_get64(header + MTF_DBLK_FLA);
	uint32_t id = bytes_get32(header + MTF_DBLK_CONTROL_ID);
	uint64_t distance = offset - order->set_at;
	char name[MTF_TAG_TEXT];

	mtf_tag_text(bytes_get32(header), name);
	if (order->is_continued || format_block == 0)
		return (0);
	if (distance % format_block != 0 || address != distance / format_block)
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "block \"%s\" is %llu bytes from the start of its set but"
		    " says that it is block %llu of %lu bytes", name,
		    (unsigned long long)distance, (unsigned long long)address,
		    (unsigned long)format_block));
	if (!order->has_unknown && id != order->control_id)
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "block \"%s\" has number %lu in its set where %lu was"
		    " expected", name, (unsigned long)id,
		    (unsigned long)order->control_id));
	return (0);
}

int
mtf_order_take(struct mtf_order *order, const uint8_t *header, uint64_t offset,
    uint32_t format_block, struct error *error)
{
	uint32_t type = bytes_get32(header);
	const struct step *step = find_step(order->place, type);
	char name[MTF_TAG_TEXT];

	if (step == NULL && mtf_order_knows(type))
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "block \"%s\" stands where %s was expected",
		    mtf_tag_text(type, name), mtf_order_wanted(order)));
	if (type == MTF_SSET) {
		order->set_at = offset;
		order->control_id = 0;
		order->has_unknown = false;
		order->is_continued =
		    (bytes_get32(header + MTF_DBLK_ATTRIBUTES) &
		    MTF_DBLK_IS_CONTINUED) != 0;
	}
	if (step == NULL) {
		order->has_unknown = true;
		return (0);
	}
	if (type == MTF_SSET || is_in_set(step->from)) {
		if (check_position(order, header, offset, format_block,
			error) != 0)
			return (-1);
		order->control_id++;
	}
	if (step->from == MTF_PLACE_LAST_MARK)
		order->sets++;
	order->place = step->to;
	return (0);
}
