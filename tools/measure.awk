# SPDX-License-Identifier: Apache-2.0
# The rows of the measuring programs, as the tables of doc/performance.md.
{
	value[$1] = $2
	median[$1] = $3
	unit[$1] = $4
	aim[$1] = $5
	target[$1] = $6
	verdict[$1] = $7
}
function show(name,   digits) {
	if (!(name in value))
		return "-"
	digits = unit[name] == "ratio" ? 3 : value[name] >= 100 ? 0 : 2
	return sprintf("%.*f", digits, value[name])
}
function middle(name) {
	if (!(name in value) || median[name] == "-")
		return "-"
	return sprintf("%.3f", median[name])
}
# A row of the first table; what is not measured is left out.
function wanted(words, name) {
	if (!(name in value))
		return
	printf "| %s | %s | %s | %s %g | %s |\n", words, show(name),
	    middle(name), aim[name] == "least" ? "at least" : "at most",
	    target[name], verdict[name]
}
function levels_of(prefix,   name, part) {
	level_count = split("", level)
	split("-7 -1 1 2 3 4 5 6 9 12 15 19 22", part, " ")
	for (name = 1; name <= 13; name++)
		if ((prefix part[name] ".rate") in value)
			level[++level_count] = part[name]
}
function plural(count, word) {
	if (count == 1)
		return "one " word
	return (count == 4 ? "four" : count) " " word "s"
}

function print_targets(   i, d, l) {
	print "| what | best | median | wanted | |"
	print "|---|---|---|---|---|"
	for (d = 1; d <= 4; d += 3)
		for (i = 1; i <= level_count; i++)
			wanted("backup, level " level[i] ", " plural(d, "device") \
			    ": rate of the bare loop's",
			    "limit.level" level[i] ".devices" d)
	for (d = 1; d <= 4; d += 3)
		for (i = 1; i <= level_count; i++)
			wanted("backup through a server, level " level[i] \
			    ", " plural(d, "device") ", against `zstd -T`",
			    "zstd.level" level[i] ".devices" d)
	wanted("backup by the program, level 3, against `zstd -T0`",
	    "compare.backup-null.zstd")
	for (i = 1; i <= level_count; i++)
		wanted("stored size, level " level[i] ", against `zstd`",
		    "size.level" level[i])
	wanted("restore, one stripe, against `zstd -d`",
	    "restore.level3.devices1")
	wanted("restore by the program, against `zstd -d`",
	    "compare.restore-null.flow.zstd")
	wanted("proof of a stripe, against `zstd -t`",
	    "verify.level3.devices1")
	wanted("verify by the program, against `zstd -t`",
	    "compare.verify.zstd")
	wanted("runtime, commands of 1 MiB handed over, of what is read from memory",
	    "runtime.handover")
	wanted("the same, all of them read by the client", "runtime.read")
	wanted("round trip of a command, both sides asleep before, against futexes",
	    "runtime.trip.idle")
	for (d = 1; d <= 4; d += 3)
		for (i = 1; i <= level_count; i++)
			wanted("CPU seconds per GiB beyond zstd's, level " \
			    level[i] ", " plural(d, "device"),
			    "limit.level" level[i] ".devices" d ".cpu")
	for (l = 1; l <= 2; l++) {
		for (d = 1; d <= 4; d += 3)
			for (i = 1; i <= level_count; i++)
				wanted("backup, queue of " l ", level " level[i] \
				    ", " plural(d, "device") \
				    ": of the rate at the deepest",
				    "limit.level" level[i] ".devices" d \
				    ".shallow" l)
		wanted("restore, queue of " l ": of the rate at the deepest",
		    "restore.level3.devices1.shallow" l)
	}
	for (d = 1; d <= 64; d++) {
		wanted("peak memory, level 3, " plural(d, "device") \
		    ": of the formula", "memory.level3.devices" d ".formula")
		wanted("the same of commands of 1 MiB",
		    "memory.level3.devices" d ".gathered.formula")
		wanted("the same, on the way back",
		    "memory.level3.devices" d ".restore.formula")
	}
}

function print_cpu(   i, d, name) {
	print "\nProcessor time, in seconds for each GiB of raw data:\n"
	print "| level, devices | bare loop, MB/s | bare loop | ours beyond it | of this, beyond the digests |"
	print "|---|---|---|---|---|"
	for (i = 1; i <= level_count; i++)
		for (d = 1; d <= 64; d++) {
			name = "limit.level" level[i] ".devices" d
			if (name in value)
				printf "| %s, %s | %s | %s | %s | %s |\n", level[i],
				    d, show("bare.level" level[i] ".rate"),
				    show("bare.level" level[i] ".cpu"),
				    show(name ".cpu"), show(name ".cpu-rest")
		}
	printf "\nThe digests by themselves: SHA-256 %s s for each GiB stored (two streams at once: %s s), XXH3 %s s for each GiB of raw data.\n",
	    show("digest.sha256.stored"), show("digest.sha256-pair.stored"),
	    show("digest.xxh3.raw")
}

function print_depths(   i, d, q, name, found, depth, count) {
	count = 0
	for (q = 1; q <= 64; q++)
		if (("restore.level3.devices1.depth" q) in value)
			depth[++count] = q
	print "\nRates at queues of several depths, through a server of next to no cost: backup as part of the bare loop's rate, restore against `zstd -d`:\n"
	printf "| direction, level, devices |"
	for (i = 1; i <= count; i++)
		printf " %d |", depth[i]
	printf "\n|---|"
	for (i = 1; i <= count; i++)
		printf "---|"
	printf "\n"
	for (i = 1; i <= level_count; i++)
		for (d = 1; d <= 64; d++) {
			name = "limit.level" level[i] ".devices" d
			if (!(name in value))
				continue
			printf "| backup, %s, %d |", level[i], d
			for (q = 1; q <= count; q++)
				printf " %s |", show(name ".depth" depth[q])
			printf "\n"
		}
	printf "| restore, 3, 1 |"
	for (q = 1; q <= count; q++)
		printf " %s |", show("restore.level3.devices1.depth" depth[q])
	printf "\n"
}

function print_compare(   what, who, i, j, name) {
	split("backup-null backup-null.flow backup-file backup-file.flow " \
	    "restore-null restore-null.flow restore-file restore-file.flow " \
	    "verify", what, " ")
	split("zstd pzstd one-core", who, " ")
	print "\n`tools/compare`: how many times as fast as each (median):\n"
	print "| what | ours, MB/s | zstd | pzstd | one-core |"
	print "|---|---|---|---|---|"
	for (i = 1; i <= 9; i++) {
		name = "compare." what[i]
		if (!((name ".ours") in value))
			continue
		printf "| %s | %s |", what[i], show(name ".ours")
		for (j = 1; j <= 3; j++)
			if ((name "." who[j]) in value)
				printf " %s (%s) |", show(name "." who[j]),
				    middle(name "." who[j])
			else
				printf " - |"
		printf "\n"
	}
}

function print_growth(   d, n) {
	print "\nGrowth, synthetic data to nothing: rate against the first of a kind, and MiB more than it took:\n"
	print "| what | rate | memory |"
	print "|---|---|---|"
	for (d = 1; d <= 64; d++) {
		if (("growth.devices" d ".base") in value)
			printf "| %s | %s MB/s | |\n", plural(d, "device"),
			    show("growth.devices" d ".base")
		if (("growth.devices" d ".rate") in value)
			printf "| %s | %s | |\n", plural(d, "device"),
			    show("growth.devices" d ".rate")
	}
	for (n = 1; n <= 4096; n++) {
		if (("growth.times" n ".base") in value)
			printf "| the data once | %s MB/s | |\n",
			    show("growth.times" n ".base")
		if (("growth.times" n ".rate") in value)
			printf "| the data %d times | %s | %s |\n", n,
			    show("growth.times" n ".rate"),
			    show("growth.times" n ".memory")
	}
	print "\nPeak memory beyond what the program is when it starts, in MiB, level 3:\n"
	print "| devices | commands of 4 MiB | of 1 MiB | restore |"
	print "|---|---|---|---|"
	for (d = 1; d <= 64; d++) {
		n = "memory.level3.devices" d
		if (n in value)
			printf "| %d | %s | %s | %s |\n", d, show(n),
			    show(n ".gathered"), show(n ".restore")
	}
}

END {
	levels_of("bare.level")
	print_targets()
	print_cpu()
	print_depths()
	print_compare()
	print_growth()
	printf "\nA command of 64 KiB and its answer: %s us with both sides asleep (futexes %s us), %s us one after another (%s us).\n",
	    show("runtime.trip.idle.ours"), show("runtime.trip.idle.bare"),
	    show("runtime.trip.busy.ours"), show("runtime.trip.busy.bare")
}
