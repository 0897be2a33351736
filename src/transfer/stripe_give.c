/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "transfer/stripe_give.h"

#include "base/clock.h"
#include "transfer/digest.h"
#include "transfer/source.h"
#include "transfer/stripe_walk.h"

#include <assert.h>
#include <string.h>

#define WAIT_MS 1000

int
stripe_give_init(struct stripe_give *give, struct slots *slots,
    struct source *source, const struct stripe_walk *walk,
    struct error *error)
{
	memset(give, 0, sizeof(*give));
	give->slots = slots;
	give->source = source;
	give->walk = walk;
	give->rooms_end = &give->rooms;
	slots_share_init(&give->share);
	(void)pthread_mutex_init(&give->lock, NULL);
	(void)clock_cond_init(&give->changed);
	atomic_init(&give->dead, false);
	give->digest = digest_xxh128_new(error);
	return (give->digest != NULL ? 0 : -1);
}

static void
wait_change(struct stripe_give *give)
{
	struct timespec at = clock_timespec(clock_deadline(WAIT_MS));

	(void)pthread_cond_timedwait(&give->changed, &give->lock, &at);
}

void
stripe_give_release(struct stripe_give *give)
{
	struct slot *slot;

	(void)pthread_mutex_lock(&give->lock);
	assert(give->rooms == NULL);
	while (give->working > 0 || give->is_giving)
		wait_change(give);
	(void)pthread_mutex_unlock(&give->lock);
	if (give->held != NULL)
		slots_give(give->slots, &give->share, give->held);
	while ((slot = give->first) != NULL) {
		give->first = slot->next;
		slots_give(give->slots, &give->share, slot);
	}
	digest_xxh128_free(give->digest);
	(void)pthread_cond_destroy(&give->changed);
	(void)pthread_mutex_destroy(&give->lock);
}

/* ---- under the lock ------------------------------------------------- */

/* No more frames are wanted. */
static void
end_reading(struct stripe_give *give)
{
	atomic_store(&give->dead, true);
	slots_wake(give->slots, &give->share);
	source_interrupt(give->source);
	(void)pthread_cond_broadcast(&give->changed);
}

/* The first error stands. */
static void
fail(struct stripe_give *give, const struct error *error)
{
	if (give->is_failed)
		return;
	give->error = *error;
	give->is_failed = true;
	end_reading(give);
}

/* Says in which file, where the error does not. */
static void
fail_in_source(struct stripe_give *give, struct error error)
{
	if (error.kind == KIND_INTEGRITY)
		error_context(&error, "\"%s\"", source_name(give->source));
	fail(give, &error);
}

static void
fail_if_stopped(struct stripe_give *give)
{
	struct error error = { 0 };

	if (!give->is_stopped || give->is_failed)
		return;
	IGNORE_RESULT(error_set(&error, KIND_ABORTED, ORIGIN_US, 0,
	    "the transfer was stopped"));
	fail(give, &error);
}

static void
release_held(struct stripe_give *give)
{
	struct slot *slot = give->held;

	if (slot == NULL)
		return;
	give->held = NULL;
	slot->next = NULL;
	if (give->last != NULL)
		give->last->next = slot;
	else
		give->first = slot;
	give->last = slot;
	if (give->fresh == NULL)
		give->fresh = slot;
	(void)pthread_cond_broadcast(&give->changed);
}

static void
drop_first(struct stripe_give *give)
{
	struct slot *slot = give->first;

	give->first = slot->next;
	if (give->first == NULL)
		give->last = NULL;
	give->given = 0;
	slots_give(give->slots, &give->share, slot);
}

static void
take_room(struct stripe_give *give, struct stripe_room **link)
{
	struct stripe_room *room = *link;

	*link = room->next;
	if (give->rooms_end == &room->next)
		give->rooms_end = link;
	(void)pthread_cond_broadcast(&give->changed);
}

/* ---- steps of the giver: called with the lock, which they leave for what
 * takes time.  true: something was done, look again. ---------------------- */

static void
tell(struct stripe_give *give, struct stripe_room *room,
    const struct error *error)
{
	(void)pthread_mutex_unlock(&give->lock);
	room->done(room, room->filled, error);
	(void)pthread_mutex_lock(&give->lock);
}

/* After a failure: a room that nobody writes into any more. */
static bool
drop_room(struct stripe_give *give)
{
	struct stripe_room **link = &give->rooms;
	struct stripe_room *room;
	struct error error;

	while (*link != NULL && (*link)->users > 0)
		link = &(*link)->next;
	room = *link;
	if (room == NULL)
		return (false);
	fail_if_stopped(give);
	error = give->error;
	take_room(give, link);
	tell(give, room, &error);
	return (true);
}

static bool
digest_next(struct stripe_give *give)
{
	struct slot *slot = give->fresh;

	if (slot == NULL || !slot->done)
		return (false);
	if (error_is_set(&slot->error)) {
		/* What comes before it is good, and wanted first. */
		if (slot != give->first)
			return (false);
		fail_in_source(give, slot->error);
		return (true);
	}
	(void)pthread_mutex_unlock(&give->lock);
	digest_xxh128_add(give->digest, slot->place, slot->raw_size);
	(void)pthread_mutex_lock(&give->lock);
	give->digested_bytes += slot->raw_size;
	give->fresh = slot->next;
	(void)pthread_cond_broadcast(&give->changed);
	return (true);
}

/* All raw bytes have been digested: they have to be those that were sent. */
static bool
prove(struct stripe_give *give)
{
	const struct stripe_closing *closing = &give->walk->closing;
	uint8_t sum[STRIPE_XXH128_SIZE];
	struct error error = { 0 };

	if (!give->is_ended || give->fresh != NULL || give->is_proven)
		return (false);
	digest_xxh128_get(give->digest, sum);
	if (give->walk->form == STRIPE_OURS &&
	    (give->digested_bytes != closing->raw_bytes ||
	    memcmp(sum, closing->raw_xxh128, sizeof(sum)) != 0)) {
		IGNORE_RESULT(error_set(&error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "damaged: the raw stream is not the one that was "
		    "written"));
		fail_in_source(give, error);
		return (true);
	}
	give->is_proven = true;
	(void)pthread_cond_broadcast(&give->changed);
	return (true);
}

/* Somebody wants the last frame, or what comes after it. */
static bool
is_last_wanted(const struct stripe_give *give)
{
	return (give->is_proven && give->rooms != NULL &&
	    (give->first == NULL || give->first->next == NULL));
}

static void
ask(struct stripe_give *give)
{
	struct error error = { 0 };
	bool refused;

	(void)pthread_mutex_unlock(&give->lock);
	refused = give->must_not != NULL &&
	    give->must_not(give->context, &error);
	(void)pthread_mutex_lock(&give->lock);
	if (refused)
		fail(give, &error);
	else
		give->is_accepted = true;
}

static void
move_bytes(struct stripe_give *give, struct slot *slot,
    struct stripe_room *room)
{
	size_t piece = slot->raw_size - give->given;

	if (piece > room->size - room->filled)
		piece = room->size - room->filled;
	if (slot->place == slot->raw) {
		(void)pthread_mutex_unlock(&give->lock);
		memcpy(room->data + room->filled, slot->place + give->given,
		    piece);
		(void)pthread_mutex_lock(&give->lock);
	}
	room->filled += piece;
	give->given += piece;
	give->position += piece;
	if (give->given == slot->raw_size)
		drop_first(give);
}

static bool
fill_room(struct stripe_give *give)
{
	struct slot *slot = give->first;

	if (give->rooms == NULL || slot == NULL || slot == give->fresh)
		return (false);
	move_bytes(give, slot, give->rooms);
	return (true);
}

/* It is full; or there is no more, which is less than it has room for only at
 * the end. */
static bool
finish_room(struct stripe_give *give)
{
	struct stripe_room *room = give->rooms;

	if (room == NULL || (room->filled < room->size &&
	    !(give->is_accepted && give->first == NULL)))
		return (false);
	take_room(give, &give->rooms);
	tell(give, room, NULL);
	return (true);
}

static bool
step(struct stripe_give *give)
{
	if (give->is_failed || give->is_stopped)
		return (drop_room(give));
	/* A room that is full comes before what failed behind it. */
	if (finish_room(give) || digest_next(give) || prove(give))
		return (true);
	if (give->first != NULL && give->first != give->fresh &&
	    give->first->raw_size == 0) {
		drop_first(give);
		return (true);
	}
	if (give->is_broken && give->first == NULL) {
		fail_in_source(give, give->broken);
		return (true);
	}
	if (is_last_wanted(give) && !give->is_accepted) {
		ask(give);
		return (true);
	}
	return (fill_room(give));
}

/* Whoever is at it already will look again. */
static void
go_on(struct stripe_give *give)
{
	if (give->is_giving)
		return;
	give->is_giving = true;
	while (step(give))
		;
	give->is_giving = false;
	(void)pthread_cond_broadcast(&give->changed);
}

/* ---- the reading thread --------------------------------------------- */

void
stripe_give_more(struct stripe_give *give)
{
	(void)pthread_mutex_lock(&give->lock);
	release_held(give);
	go_on(give);
	(void)pthread_mutex_unlock(&give->lock);
}

void
stripe_give_hold(struct stripe_give *give, struct slot *slot, bool has_job)
{
	(void)pthread_mutex_lock(&give->lock);
	release_held(give);
	if (!has_job)
		slot->place = slot->raw;
	slot->raw_at = give->found;
	give->found += slot->raw_size;
	slot->done = !has_job;
	give->working += has_job;
	give->held = slot;
	go_on(give);
	(void)pthread_mutex_unlock(&give->lock);
}

void
stripe_give_end(struct stripe_give *give)
{
	(void)pthread_mutex_lock(&give->lock);
	release_held(give);
	give->is_ended = true;
	go_on(give);
	(void)pthread_mutex_unlock(&give->lock);
}

void
stripe_give_break(struct stripe_give *give, const struct error *error)
{
	(void)pthread_mutex_lock(&give->lock);
	/* Damage in the newest frame comes before what was met behind it. */
	while (give->held != NULL && !give->held->done)
		wait_change(give);
	give->broken = *error;
	if (give->held != NULL && error_is_set(&give->held->error))
		give->broken = give->held->error;
	give->is_broken = true;
	go_on(give);
	(void)pthread_mutex_unlock(&give->lock);
}

/* ---- the pool's threads --------------------------------------------- */

uint8_t *
stripe_give_place(struct stripe_give *give, struct slot *slot)
{
	uint64_t end = slot->raw_at + slot->raw_size;
	struct stripe_room *room;
	uint8_t *place = NULL;

	/* It would fit into a room that can be filled without it, and gone. */
	if (slot->raw_size == 0)
		return (NULL);
	(void)pthread_mutex_lock(&give->lock);
	for (room = give->rooms; room != NULL && !give->is_failed &&
	    !give->is_stopped; room = room->next) {
		if (room->at > slot->raw_at || end > room->at + room->size)
			continue;
		room->users++;
		slot->room = room;
		place = room->data + (slot->raw_at - room->at);
		break;
	}
	(void)pthread_mutex_unlock(&give->lock);
	return (place);
}

void
stripe_give_done(struct stripe_give *give, struct slot *slot)
{
	(void)pthread_mutex_lock(&give->lock);
	if (slot->room != NULL)
		slot->room->users--;
	slot->done = true;
	give->working--;
	(void)pthread_cond_broadcast(&give->changed);
	go_on(give);
	(void)pthread_mutex_unlock(&give->lock);
}

/* ---- the caller ----------------------------------------------------- */

/* Whether it can be said what comes next. */
static bool
is_known(const struct stripe_give *give)
{
	if (give->is_failed || give->is_stopped)
		return (true);
	if (give->first == NULL)
		return (give->is_proven);
	/* The last one only when the end is proven. */
	return (give->first != give->fresh && (give->first->next != NULL ||
	    !give->is_ended || give->is_proven));
}

int
stripe_give_peek(struct stripe_give *give, const void **data, size_t *size,
    struct error *error)
{
	int rc = 0;

	*data = NULL;
	*size = 0;
	(void)pthread_mutex_lock(&give->lock);
	assert(give->rooms == NULL);
	go_on(give);
	while (!is_known(give))
		wait_change(give);
	fail_if_stopped(give);
	if (give->is_failed) {
		if (error != NULL && !error_is_set(error))
			*error = give->error;
		rc = -1;
	} else if (give->first != NULL) {
		*data = give->first->place + give->given;
		*size = give->first->raw_size - give->given;
	}
	(void)pthread_mutex_unlock(&give->lock);
	return (rc);
}

void
stripe_give_skip(struct stripe_give *give, size_t size)
{
	if (size == 0)
		return;
	(void)pthread_mutex_lock(&give->lock);
	assert(give->first != NULL &&
	    size <= give->first->raw_size - give->given);
	give->given += size;
	give->position += size;
	/* The frame after next can be read into it. */
	if (give->given == give->first->raw_size)
		drop_first(give);
	(void)pthread_mutex_unlock(&give->lock);
}

void
stripe_give_ask(struct stripe_give *give,
    bool (*must_not)(void *context, struct error *error), void *context)
{
	(void)pthread_mutex_lock(&give->lock);
	give->must_not = must_not;
	give->context = context;
	(void)pthread_mutex_unlock(&give->lock);
}

void
stripe_give_lend(struct stripe_give *give, struct stripe_room *room)
{
	room->filled = 0;
	room->users = 0;
	room->next = NULL;
	(void)pthread_mutex_lock(&give->lock);
	room->at = give->rooms != NULL ? give->lent : give->position;
	give->lent = room->at + room->size;
	*give->rooms_end = room;
	give->rooms_end = &room->next;
	go_on(give);
	(void)pthread_mutex_unlock(&give->lock);
}

void
stripe_give_settle(struct stripe_give *give)
{
	(void)pthread_mutex_lock(&give->lock);
	go_on(give);
	while (give->rooms != NULL || give->is_giving) {
		wait_change(give);
		go_on(give);
	}
	(void)pthread_mutex_unlock(&give->lock);
}

void
stripe_give_stop(struct stripe_give *give)
{
	(void)pthread_mutex_lock(&give->lock);
	/* Whoever settles ends what is lent: the caller may hold locks that
	 * done wants. */
	give->is_stopped = true;
	end_reading(give);
	(void)pthread_mutex_unlock(&give->lock);
}

bool
stripe_give_failed(struct stripe_give *give, struct error *error)
{
	bool failed;

	if (!atomic_load(&give->dead))
		return (false);
	(void)pthread_mutex_lock(&give->lock);
	failed = give->is_failed;
	if (failed)
		*error = give->error;
	(void)pthread_mutex_unlock(&give->lock);
	return (failed);
}

bool
stripe_give_is_proven(struct stripe_give *give)
{
	bool proven;

	(void)pthread_mutex_lock(&give->lock);
	proven = give->is_proven && !give->is_failed;
	(void)pthread_mutex_unlock(&give->lock);
	return (proven);
}

bool
stripe_give_at_end(struct stripe_give *give)
{
	bool at_end;

	(void)pthread_mutex_lock(&give->lock);
	at_end = give->is_proven && !give->is_failed && give->first == NULL;
	(void)pthread_mutex_unlock(&give->lock);
	return (at_end);
}
