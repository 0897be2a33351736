/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "disk.h"

#include "help.h"
#include "image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOT "."

struct bytes {
	char *data;
	size_t size;
};

struct node {
	uintmax_t inode;
	bool is_folder;
	struct bytes now;
	struct bytes durable;
};

/* A name in a folder; both are places in the list of nodes. */
struct name {
	size_t folder;
	size_t node;
	char *text;
};

struct names {
	struct name *list;
	size_t count;
};

/* Of the names in one folder.  A rename is one change, as file systems have
 * it. */
struct change {
	enum { ADDED, REMOVED, RENAMED } kind;
	size_t folder;
	size_t node;
	char *from; /* REMOVED, RENAMED */
	char *to;   /* ADDED, RENAMED */
};

struct disk {
	struct node *nodes; /* the first is the root */
	size_t node_count;
	struct names now;
	struct names durable;
	struct change *changes;
	size_t change_count;
};

static char *
copy_text(const char *text)
{
	return (text != NULL ? help_copy(text, strlen(text)) : NULL);
}

static void
set_bytes(struct bytes *to, const struct bytes *from)
{
	free(to->data);
	to->data = help_copy(from->data, from->size);
	to->size = from->size;
}

static void
resize(struct bytes *bytes, size_t size)
{
	char *data = realloc(bytes->data, size + 1);

	if (data == NULL)
		help_fail("out of memory");
	else if (size > bytes->size)
		memset(data + bytes->size, 0, size - bytes->size);
	bytes->data = data;
	bytes->size = size;
}

/* ---- names ---- */

static struct name *
find_name(const struct names *names, size_t folder, const char *text)
{
	size_t i;

	for (i = 0; i < names->count; i++)
		if (names->list[i].folder == folder &&
		    strcmp(names->list[i].text, text) == 0)
			return (&names->list[i]);
	return (NULL);
}

static void
add_name(struct names *names, size_t folder, const char *text, size_t node)
{
	struct name *name = find_name(names, folder, text);

	if (name == NULL) {
		names->list = help_more(names->list, names->count,
		    sizeof(*names->list));
		name = &names->list[names->count++];
		name->folder = folder;
		name->text = copy_text(text);
	}
	name->node = node;
}

static void
remove_name(struct names *names, size_t folder, const char *text)
{
	struct name *name = find_name(names, folder, text);

	if (name == NULL)
		return;
	free(name->text);
	*name = names->list[--names->count];
}

static void
free_names(struct names *names)
{
	size_t i;

	for (i = 0; i < names->count; i++)
		free(names->list[i].text);
	free(names->list);
}

static void
apply(struct names *names, const struct change *change)
{
	const struct name *old;
	size_t node = change->node;

	if (change->kind == RENAMED) {
		/* Of what is there by then: an earlier change may be lost. */
		old = find_name(names, change->folder, change->from);
		if (old == NULL)
			return;
		node = old->node;
	}
	if (change->from != NULL)
		remove_name(names, change->folder, change->from);
	if (change->to != NULL)
		add_name(names, change->folder, change->to, node);
}

/* ---- nodes ---- */

/* The last of that number: it is given to a new file when the old is gone. */
static size_t
find_node(const struct disk *disk, uintmax_t inode)
{
	size_t i = disk->node_count;

	while (i-- > 0)
		if (disk->nodes[i].inode == inode)
			return (i);
	help_fail("inode %ju is not known", inode);
	return (0);
}

static struct node *
file_of(struct disk *disk, uintmax_t inode)
{
	struct node *node = &disk->nodes[find_node(disk, inode)];

	if (node->is_folder)
		help_fail("inode %ju is a folder", inode);
	return (node);
}

/* The folder that a path lies in, and its name there. */
static size_t
find_folder(const struct disk *disk, const char *path, const char **last)
{
	const char *slash;
	size_t folder = 0;

	while ((slash = strchr(path, '/')) != NULL) {
		char *text = help_copy(path, (size_t)(slash - path));
		const struct name *name = find_name(&disk->now, folder, text);

		if (name == NULL)
			help_fail("there is no folder \"%s\"", text);
		else
			folder = name->node;
		free(text);
		path = slash + 1;
	}
	*last = path;
	return (folder);
}

static size_t
add_node(struct disk *disk, uintmax_t inode, bool is_folder)
{
	struct node *node;

	disk->nodes = help_more(disk->nodes, disk->node_count,
	    sizeof(*disk->nodes));
	node = &disk->nodes[disk->node_count];
	*node = (struct node){ .inode = inode, .is_folder = is_folder };
	resize(&node->now, 0);
	resize(&node->durable, 0);
	return (disk->node_count++);
}

static void
add_change(struct disk *disk, struct change change)
{
	change.from = copy_text(change.from);
	change.to = copy_text(change.to);
	disk->changes = help_more(disk->changes, disk->change_count,
	    sizeof(*disk->changes));
	disk->changes[disk->change_count++] = change;
	if (disk->change_count > DISK_CHANGES_MAX)
		help_fail("more than %d changes without a sync",
		    DISK_CHANGES_MAX);
	apply(&disk->now, &change);
}

struct disk *
disk_new(void)
{
	struct disk *disk = calloc(1, sizeof(*disk));

	if (disk == NULL)
		help_fail("out of memory");
	return (disk);
}

void
disk_free(struct disk *disk)
{
	size_t i;

	for (i = 0; i < disk->node_count; i++) {
		free(disk->nodes[i].now.data);
		free(disk->nodes[i].durable.data);
	}
	for (i = 0; i < disk->change_count; i++) {
		free(disk->changes[i].from);
		free(disk->changes[i].to);
	}
	free(disk->nodes);
	free(disk->changes);
	free_names(&disk->now);
	free_names(&disk->durable);
	free(disk);
}

void
disk_add(struct disk *disk, uintmax_t inode, const char *path,
    const void *data, size_t size)
{
	size_t place = add_node(disk, inode, data == NULL);
	const char *last;
	size_t folder;

	if (strcmp(path, ROOT) == 0) {
		if (place != 0)
			help_fail("the root is not the first");
		return;
	}
	if (data != NULL) {
		resize(&disk->nodes[place].now, size);
		memcpy(disk->nodes[place].now.data, data, size);
		set_bytes(&disk->nodes[place].durable,
		    &disk->nodes[place].now);
	}
	folder = find_folder(disk, path, &last);
	add_name(&disk->now, folder, last, place);
	add_name(&disk->durable, folder, last, place);
}

void
disk_create(struct disk *disk, uintmax_t inode, const char *path,
    bool is_folder)
{
	char *last = NULL;
	struct change change = { .kind = ADDED };

	change.folder = find_folder(disk, path, (const char **)&last);
	change.node = add_node(disk, inode, is_folder);
	change.to = last;
	add_change(disk, change);
}

void
disk_write(struct disk *disk, uintmax_t inode, uint64_t offset,
    const void *data, size_t size)
{
	struct bytes *now = &file_of(disk, inode)->now;

	if (offset + size > now->size)
		resize(now, offset + size);
	memcpy(now->data + offset, data, size);
}

void
disk_resize(struct disk *disk, uintmax_t inode, uint64_t size)
{
	resize(&file_of(disk, inode)->now, size);
}

void
disk_sync(struct disk *disk, uintmax_t inode)
{
	size_t place = find_node(disk, inode);
	struct node *node = &disk->nodes[place];
	size_t kept = 0;
	size_t i;

	if (!node->is_folder) {
		set_bytes(&node->durable, &node->now);
		return;
	}
	for (i = 0; i < disk->change_count; i++) {
		struct change *change = &disk->changes[i];

		if (change->folder != place) {
			disk->changes[kept++] = *change;
			continue;
		}
		apply(&disk->durable, change);
		free(change->from);
		free(change->to);
	}
	disk->change_count = kept;
}

void
disk_rename(struct disk *disk, const char *from, const char *to)
{
	const char *old;
	const char *new;
	struct change change = { .kind = RENAMED };

	change.folder = find_folder(disk, from, &old);
	if (find_folder(disk, to, &new) != change.folder ||
	    find_name(&disk->now, change.folder, old) == NULL)
		help_fail("cannot rename \"%s\" to \"%s\"", from, to);
	change.from = copy_text(old);
	change.to = copy_text(new);
	add_change(disk, change);
	free(change.from);
	free(change.to);
}

void
disk_remove(struct disk *disk, const char *path)
{
	const char *last;
	struct change change = { .kind = REMOVED };

	change.folder = find_folder(disk, path, &last);
	if (find_name(&disk->now, change.folder, last) == NULL)
		help_fail("cannot remove \"%s\"", path);
	change.from = copy_text(last);
	add_change(disk, change);
	free(change.from);
}

/* ---- after the loss of power ---- */

size_t
disk_change_count(const struct disk *disk)
{
	return (disk->change_count);
}

static bool
is_dirty(const struct node *node)
{
	return (node->now.size != node->durable.size ||
	    memcmp(node->now.data, node->durable.data, node->now.size) != 0);
}

bool
disk_is_dirty(const struct disk *disk)
{
	size_t i;

	for (i = 0; i < disk->node_count; i++)
		if (is_dirty(&disk->nodes[i]))
			return (true);
	return (false);
}

/* A file's content; owned by the caller. */
static struct bytes
content(const struct node *node, enum disk_data data)
{
	struct bytes bytes = { 0 };
	const struct bytes *now = &node->now;
	size_t same;
	size_t torn;

	set_bytes(&bytes, data == DISK_KEPT ? now : &node->durable);
	if (data == DISK_LOST || data == DISK_KEPT)
		return (bytes);
	resize(&bytes, now->size);
	if (data == DISK_ZERO)
		return (bytes);
	for (same = 0; same < now->size; same++)
		if (bytes.data[same] != now->data[same])
			break;
	torn = same + (now->size - same) / 2;
	memcpy(bytes.data, now->data, torn);
	return (bytes);
}

static void
add_folder(struct image *image, const struct disk *disk,
    const struct names *names, size_t folder, const char *path,
    enum disk_data data)
{
	char inner[4096];
	size_t i;

	for (i = 0; i < names->count; i++) {
		const struct name *name = &names->list[i];
		const struct node *node = &disk->nodes[name->node];
		struct bytes bytes = { 0 };

		if (name->folder != folder)
			continue;
		(void)snprintf(inner, sizeof(inner), "%s%s%s", path,
		    path[0] != '\0' ? "/" : "", name->text);
		if (!node->is_folder)
			bytes = content(node, data);
		image_add(image, inner, bytes.data, bytes.size);
		if (node->is_folder)
			add_folder(image, disk, names, name->node, inner,
			    data);
	}
}

struct image *
disk_lose_power(const struct disk *disk, uint64_t survivors,
    enum disk_data data)
{
	struct image *image = image_new();
	struct names names = { 0 };
	size_t i;

	for (i = 0; i < disk->durable.count; i++)
		add_name(&names, disk->durable.list[i].folder,
		    disk->durable.list[i].text, disk->durable.list[i].node);
	for (i = 0; i < disk->change_count; i++)
		if ((survivors >> i & 1) != 0)
			apply(&names, &disk->changes[i]);
	add_folder(image, disk, &names, 0, "", data);
	image_sort(image);
	free_names(&names);
	return (image);
}
