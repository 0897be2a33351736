/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "shm.h"

#include "base/port/shm.h"
#include "runtime/name.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GROW_MAX ((uint64_t)4 << 20)

struct field {
	size_t offset;
	size_t size;
};

#define SET(member)                                                            \
	{ offsetof(struct layout_control, member),                             \
		sizeof(((struct layout_control *)0)->member) }
#define DEVICE(member)                                                         \
	{ offsetof(struct layout_device, member),                              \
		sizeof(((struct layout_device *)0)->member) }

static const struct field set_fields[] = {
	SET(version), SET(magic), SET(device_count), SET(name_length),
	SET(wishes.deviceCount), SET(wishes.features),
	SET(wishes.prefixZoneSize), SET(wishes.alignment),
	SET(wishes.serverTimeOut), SET(decision.deviceCount),
	SET(decision.features), SET(decision.prefixZoneSize),
	SET(decision.alignment), SET(decision.blockSize),
	SET(decision.maxTransferSize), SET(decision.maxIODepth),
	SET(decision.bufferAreaSize), SET(phase), SET(abort),
	SET(area_count), SET(client_left), SET(set_gate.sequence),
	SET(set_gate.sleepers), SET(agent_gate.sequence),
	SET(agent_gate.sleepers), SET(ready),
};

static const struct field device_fields[] = {
	DEVICE(commands_gate.sequence), DEVICE(commands_gate.sleepers),
	DEVICE(server_state), DEVICE(client_state), DEVICE(name_length),
	DEVICE(name[0]), DEVICE(name[1]),
};

void
shm_intrude(struct shm_world *world)
{
	char object[NAME_OBJECT_SIZE];
	void *base;

	name_object(world->name, object);
	world->size = layout_size(SHM_DEVICES);
	FUZZ_CHECK(port_shm_open(object, &world->fd) == 0);
	FUZZ_CHECK(port_shm_map(world->fd, 0, world->size, 1, false, &base) ==
	    0);
	world->control = base;
	world->saved = fuzz_copy(world->control, world->size);
}

void
shm_leave(struct shm_world *world)
{
	if (world->control != NULL)
		port_shm_unmap(world->control, world->size);
	port_shm_close(&world->fd);
	free(world->saved);
}

static uint8_t *
bytes(const struct shm_world *world)
{
	return ((uint8_t *)world->control);
}

static struct layout_device *
device(struct shm_world *world)
{
	return (&world->control->devices[fuzz_take_below(&world->input,
	    SHM_DEVICES)]);
}

/* A number near what is interesting, or near what stands there. */
static uint64_t
take_value(struct shm_world *world, uint64_t now)
{
	static const uint64_t values[] = { 0, 1, 2, 3, 4, 63, 64, 65, 127, 128,
		129, 255, 256, 511, 512, 1023, 1024, 1025, 65535, 65536, 65537,
		131072, INT32_MAX, (uint64_t)INT32_MAX + 1, UINT32_MAX,
		UINT32_MAX - 1, INT64_MAX, UINT64_MAX };
	struct fuzz_input *input = &world->input;

	switch (fuzz_take8(input) % 4) {
	case 0:
		return (fuzz_take8(input));
	case 1:
		return (now + (uint64_t)(int64_t)(int8_t)fuzz_take8(input));
	case 2:
		return (values[fuzz_take8(input) % ARRAY_COUNT(values)]);
	default:
		return (fuzz_take32(input));
	}
}

static void
put(struct shm_world *world, uint8_t *at, size_t size)
{
	uint64_t value = 0;

	memcpy(&value, at, size);
	value = take_value(world, value);
	memcpy(at, &value, size);
}

void
shm_scribble(struct shm_world *world)
{
	size_t at = fuzz_take16(&world->input) % world->size;
	size_t count = 1 + fuzz_take8(&world->input) % 64;
	uint8_t byte;

	while (count-- > 0 && at < world->size) {
		byte = fuzz_take8(&world->input);
		memcpy(bytes(world) + at++, &byte, 1);
	}
}

void
shm_scribble_set(struct shm_world *world)
{
	const struct field *field = &set_fields[fuzz_take8(&world->input) %
	    ARRAY_COUNT(set_fields)];

	put(world, bytes(world) + field->offset, field->size);
}

void
shm_scribble_device(struct shm_world *world)
{
	uint8_t *at = (uint8_t *)device(world);
	const struct field *field = &device_fields[fuzz_take8(&world->input) %
	    ARRAY_COUNT(device_fields)];

	put(world, at + field->offset, field->size);
}

/* Any word of a queue's entry, commands and completions. */
void
shm_scribble_entry(struct shm_world *world)
{
	struct layout_device *shared = device(world);
	uint32_t which = fuzz_take8(&world->input);
	uint8_t *entry;
	size_t size;

	if ((which & 128) != 0) {
		entry = (uint8_t *)&shared->completions[which %
		    LAYOUT_QUEUE];
		size = sizeof(struct layout_completion);
	} else {
		entry = (uint8_t *)&shared->commands[which % LAYOUT_QUEUE];
		size = sizeof(struct layout_command);
	}
	put(world, entry + fuzz_take8(&world->input) % (size / 4) * 4, 4);
}

void
shm_forge_command(struct shm_world *world)
{
	struct layout_device *shared = device(world);
	struct fuzz_input *input = &world->input;
	uint32_t position = fuzz_take8(input);
	struct layout_command *entry =
	    &shared->commands[position % LAYOUT_QUEUE];

	entry->slot = (uint32_t)take_value(world, position);
	entry->code = (int32_t)(fuzz_take8(input) % 24);
	entry->size = (int32_t)take_value(world, (uint64_t)entry->size);
	entry->offset = take_value(world, entry->offset);
	entry->area = (uint32_t)take_value(world, entry->area);
	atomic_store(&entry->word, layout_word(position,
	    (enum layout_entry)(fuzz_take8(input) % 4)));
	port_gate_bump(&shared->commands_gate);
}

void
shm_forge_completion(struct shm_world *world)
{
	struct layout_device *shared = device(world);
	struct fuzz_input *input = &world->input;
	uint32_t position = fuzz_take8(input);
	struct layout_completion *entry =
	    &shared->completions[position % LAYOUT_QUEUE];

	entry->slot = (uint32_t)take_value(world, position);
	entry->ticket = (uint32_t)take_value(world, position);
	entry->code = (uint32_t)take_value(world, 0);
	entry->bytes = (uint32_t)take_value(world, entry->bytes);
	atomic_store(&entry->word, position + 1);
	atomic_store(&world->control->ready, UINT64_MAX);
	port_gate_bump(&world->control->agent_gate);
}

void
shm_forge_area(struct shm_world *world)
{
	struct fuzz_input *input = &world->input;
	struct layout_area *area = &world->control->areas[fuzz_take8(input) %
	    8];

	area->offset = take_value(world, area->offset / LAYOUT_UNIT) *
	    (fuzz_take8(input) % 4 == 3 ? 4096 : LAYOUT_UNIT);
	area->length = take_value(world, area->length / LAYOUT_UNIT) *
	    LAYOUT_UNIT;
	atomic_store(&world->control->area_count,
	    (uint32_t)take_value(world, 1));
}

void
shm_save(struct shm_world *world)
{
	memcpy(world->saved, world->control, world->size);
}

/* What was true once. */
void
shm_replay(struct shm_world *world)
{
	size_t at = fuzz_take16(&world->input) % world->size;
	size_t count = (size_t)fuzz_take8(&world->input) * 16;

	if (count > world->size - at)
		count = world->size - at;
	memcpy(bytes(world) + at, world->saved + at, count);
}

void
shm_grow(struct shm_world *world)
{
	uint64_t size = 0;
	uint64_t more = (uint64_t)fuzz_take8(&world->input) * 4096;

	FUZZ_CHECK(port_shm_size(world->fd, &size) == 0);
	if (size + more <= GROW_MAX)
		FUZZ_CHECK(ftruncate(world->fd, (off_t)(size + more)) == 0);
}

/* What is gone is not memory any more, for whoever has it mapped. */
void
shm_cut(struct shm_world *world)
{
	uint64_t size = 0;
	uint64_t left = (uint64_t)fuzz_take8(&world->input) * 4096;

	FUZZ_CHECK(port_shm_size(world->fd, &size) == 0);
	if (left < size)
		FUZZ_CHECK(ftruncate(world->fd, (off_t)left) == 0);
}
