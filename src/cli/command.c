/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/command.h"

#include "cli/nearest.h"

#include <stdio.h>
#include <string.h>

static const struct command entries[COMMAND_COUNT] = {
	[COMMAND_BACKUP] = {
		.name = "backup",
		.synopsis = "-d NAME --to TARGET --engine sqlite:PATH "
		    "[OPTION...]",
		.summary = "back up a database through virtual devices",
		.about =
		    "Has the server run BACKUP on a set of virtual devices and "
		    "writes every device's\n"
		    "stream, compressed, to TARGET. The backup is good only "
		    "when every device was\n"
		    "closed, the server reported success and the files are on "
		    "stable storage; until\n"
		    "then it bears another name.\n",
		.examples =
		    "  vdibackup backup -d Shop --engine sqlite:shop.db "
		    "--to /backups -n 4\n"
		    "  vdibackup backup -d Shop --engine sqlite:shop.db "
		    "--to shop.bak.zst\n"
		    "  vdibackup backup -d Shop --engine sqlite:shop.db "
		    "--to - | ssh there 'cat > f'\n",
	},
	[COMMAND_RESTORE] = {
		.name = "restore",
		.synopsis = "-d NAME --engine sqlite:PATH [OPTION...] "
		    "[SOURCE...]",
		.summary = "restore a database from a backup",
		.about =
		    "Has the server run RESTORE on virtual devices and feeds "
		    "it the backup. SOURCE is\n"
		    "the same as --from SOURCE. The files are checked while "
		    "they are read: the server\n"
		    "gets no byte that is not the one it sent.\n",
		.examples =
		    "  vdibackup restore -d Shop --engine sqlite:new.db "
		    "/backups\n"
		    "  vdibackup restore -d Shop --engine sqlite:new.db "
		    "--replace shop.bak.zst\n"
		    "  vdibackup restore -d Shop --engine sqlite:new.db "
		    "--verify-only /backups\n",
	},
	[COMMAND_VERIFY] = {
		.name = "verify",
		.synopsis = "[OPTION...] PATH...",
		.summary = "check backups, without a server",
		.about =
		    "Reads every byte of each PATH: a store, a backup's "
		    "folder, or files that belong\n"
		    "together. Checks frames, digests, completeness and the "
		    "stream's own checksums.\n",
		.examples =
		    "  vdibackup verify /backups\n"
		    "  vdibackup verify --json shop.bak.zst\n",
	},
	[COMMAND_SHOW] = {
		.name = "show",
		.synopsis = "[OPTION...] PATH...",
		.summary = "show what is in a backup, without a server",
		.about =
		    "Prints the header and the file list of each backup set, "
		    "from the stream itself.\n"
		    "PATH is a backup's folder or its files, compressed or "
		    "not. --json uses the\n"
		    "column names of RESTORE HEADERONLY, FILELISTONLY and "
		    "LABELONLY.\n",
		.examples =
		    "  vdibackup show shop.bak.zst\n"
		    "  vdibackup show --field DatabaseName shop.bak.zst\n"
		    "  vdibackup show --json shop.bak.zst | jq .\n",
	},
	[COMMAND_CAT] = {
		.name = "cat",
		.synopsis = "[OPTION...] FILE...",
		.summary = "write the plain stream to standard output",
		.about =
		    "Decompresses each FILE and writes what the server sent: "
		    "a plain .bak. Every\n"
		    "checksum on the way is compared.\n",
		.examples =
		    "  vdibackup cat shop.bak.zst > shop.bak\n",
	},
	[COMMAND_LIST] = {
		.name = "list",
		.synopsis = "[OPTION...] STORE",
		.summary = "list the backups of a store",
		.about =
		    "Prints a line for each folder of the store: its state, "
		    "when it was begun, its\n"
		    "type and size, and the folder. What is not a whole backup "
		    "is listed, too. The\n"
		    "files are looked at, not read: verify does that.\n",
		.examples =
		    "  vdibackup list /backups\n"
		    "  vdibackup list --json /backups | jq .\n",
	},
	[COMMAND_ADOPT] = {
		.name = "adopt",
		.synopsis = "[OPTION...] FOLDER.partial",
		.summary = "make a backup of what a failed job left, if whole",
		.about =
		    "Reads every byte of a folder that 'list' calls adoptable, "
		    "as 'verify' does, and\n"
		    "gives it its final name if all of it is there and good. "
		    "Nothing is changed\n"
		    "otherwise, nor while a job works on that database.\n",
		.examples =
		    "  vdibackup adopt "
		    "/backups/host/Shop/20261124T073000Z-full.partial\n",
	},
	[COMMAND_REHEARSE] = {
		.name = "rehearse",
		.synopsis = "[OPTION...]",
		.summary = "play every fault on a sample, and say what came",
		.about =
		    "Makes a sample database in a folder of its own and plays "
		    "every fault that can be\n"
		    "injected, at every place, in backups and restores. Each "
		    "run has to end in time,\n"
		    "with the promised status and a message that says what "
		    "happened, to leave nothing\n"
		    "that looks like a backup, and the next job has to "
		    "work. No server is touched.\n",
		.examples =
		    "  vdibackup rehearse\n"
		    "  vdibackup rehearse --only stall --direction backup -v\n"
		    "  vdibackup rehearse --json | jq 'select(.as_promised == "
		    "false)'\n",
	},
	[COMMAND_BENCH] = {
		.name = "bench",
		.synopsis = "[-d NAME --engine KIND:PLACE] [OPTION...]",
		.summary = "measure this machine, and say what to use",
		.about =
		    "Runs backups that only read, that compress as well, that "
		    "write as well, and the\n"
		    "way back, with every combination of the listed devices, "
		    "threads, levels and\n"
		    "transfer sizes, on a database or on data that are made "
		    "up. The database is read\n"
		    "and never written: backups are COPY_ONLY, and are "
		    "restored to another place or\n"
		    "to none. Prints rates, ratios, what was used, and the "
		    "settings to use.\n",
		.examples =
		    "  vdibackup bench\n"
		    "  vdibackup bench -d Shop --engine sqlite:shop.db "
		    "--to /backups -l 1..6\n"
		    "  vdibackup bench --stages compress --devices 1,4 "
		    "--plot curve.svg\n",
	},
};

const struct command *
command_at(enum command_id id)
{
	return (&entries[id]);
}

enum command_id
command_id_of(const struct command *command)
{
	return ((enum command_id)(command - entries));
}

unsigned
command_bit(const struct command *command)
{
	return (1u << command_id_of(command));
}

const struct command *
command_find(const char *name)
{
	int id;

	for (id = 0; id < COMMAND_COUNT; id++)
		if (strcmp(entries[id].name, name) == 0)
			return (&entries[id]);
	return (NULL);
}

const struct command *
command_nearest(const char *name)
{
	struct nearest nearest;
	int id;

	nearest_begin(&nearest, name);
	for (id = 0; id < COMMAND_COUNT; id++)
		nearest_offer(&nearest, entries[id].name, id);
	id = nearest_end(&nearest, -1);
	return (id < 0 ? NULL : &entries[id]);
}

const char *
command_names(unsigned bits, char *buffer, size_t size)
{
	size_t used = 0;
	int id;

	buffer[0] = '\0';
	for (id = 0; id < COMMAND_COUNT && used < size; id++) {
		unsigned later = bits >> id >> 1;

		if ((bits >> id & 1) == 0)
			continue;
		used += (size_t)snprintf(buffer + used, size - used, "%s'%s'",
		    used == 0 ? "" : later == 0 ? " and " : ", ",
		    entries[id].name);
	}
	return (buffer);
}
