# SPDX-License-Identifier: Apache-2.0
# Goal: the programs that measure work, and what they print can be read by a
# program.  How fast anything is plays no part.
. "$top_srcdir/tests/init.sh"

: > begin

# Seven fields in each line, and the rows that are asked for.
reads_as() {
	name_=$1
	shift
	awk -F '\t' -v wanted="$*" '
		NF != 7 || $1 !~ /^[a-z0-9.-]+$/ || $2 !~ /^-?[0-9]+\.[0-9]+$/ ||
		    $3 !~ /^(-|[0-9]+\.[0-9]+)$/ || $4 !~ /^[A-Za-z\/]+$/ ||
		    $5 $7 !~ /^(--|leastreached|leastmissed|mostreached|mostmissed)$/ {
			print "    cannot be read: " $0
			bad = 1
		}
		{ seen[$1] = 1 }
		END {
			count = split(wanted, row, " ")
			for (i = 1; i <= count; i++)
				if (!(row[i] in seen)) {
					print "    no row " row[i]
					bad = 1
				}
			exit bad || NR == 0
		}' "$out"
	check "$name_: lines can be read" test $? -eq 0
}
bench() {
	program=$1
	shift
	status 0 "$top_builddir/tests/bin/bench-$program" --tsv --rounds 1 \
		--threads 2 "$@"
}

bench limit --size 3MiB --levels 1,7 --devices 1,2 --depths 1,4
reads_as limit limit.level7.devices1 limit.level1.devices2.cpu-rest \
	limit.level1.devices1.shallow1 size.level1 zstd.level1.devices2
bench restore --size 3MiB --levels 1 --devices 1,2 --depths 1,4
reads_as restore restore.level1.devices1 verify.level1.devices2 \
	restore.level1.devices2.shallow1
bench runtime --size 8MiB
reads_as runtime runtime.read runtime.handover runtime.trip.idle \
	runtime.trip.busy runtime.commands
bench growth --size 2MiB --levels 1 --devices 1,2 --repeats 1,2
reads_as growth growth.devices2.rate growth.times2.memory \
	memory.level1.devices1.formula memory.level1.devices2.restore
if command -v zstd > /dev/null; then
	compare() {
		status "$1" env VDIBACKUP_BENCH_DIR="$tmp" sh \
			"$top_srcdir/tools/compare" --build "$top_builddir" --tsv \
			--rounds 1 "$2" "$3"
	}
	compare 0 --size 2MiB
	reads_as compare compare.backup-null.zstd compare.backup-file.one-core \
		compare.restore-null.flow.zstd compare.restore-file.ours \
		compare.verify.zstd compare.size.zstd
	compare 1 --data "$tmp/missing"
	says 'missing" is not a file'
	compare 2 --devices 65
	says 'from 1 to 64'
	check 'compare leaves no folder' \
		test -z "$(find "$tmp" -maxdepth 1 -name 'compare.*')"
else
	skip 'zstd is not installed'
fi
status 0 "$top_builddir/tests/bin/bench-limit" --size 1MiB --levels 1 --only list
says devices1.depth16
status 2 "$top_builddir/tests/bin/bench-limit" --rounds 0
says '--rounds 0'

check 'no set is left in /dev/shm' shm_is_clean
check 'no file is left in /dev/shm' \
	test -z "$(find /dev/shm -maxdepth 1 -name 'bench.*' -newer begin)"
finish
