#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: bench measures what it was asked for, its numbers agree with each other,
# what it writes is gone afterwards, and the database is as it was.
. "$top_srcdir/tests/init.sh"

TMPDIR=$tmp/room
export TMPDIR
mkdir "$TMPDIR"
"$SAMPLE" make a.db 1MiB delete >/dev/null
cp a.db before.db

# A field of a line: field NAME < LINE
field() {
	sed -n "s/.*\"$1\":\(\"[^\"]*\"\|[^,}]*\).*/\1/p"
}
# The measurements of a stage.
of_stage() {
	grep "\"event\":\"measurement\",\"stage\":\"$1\"" "$out"
}
measured() {
	check "$2 of $1" test "$(of_stage "$1" | wc -l)" -eq "$2"
}
room_is_empty() {
	test -z "$(ls -A "$TMPDIR")"
}
# Ratio, rate and processor time of each line follow from its bytes and times.
agrees() {
	grep '"event":"measurement"' "$out" > lines
	while read -r line; do
		for name in raw_bytes stored_bytes seconds mb_per_second ratio \
			cpu_seconds cpu_seconds_per_gib slowest_mb_per_second \
			fastest_mb_per_second; do
			echo "$line" | field "$name"
		done | tr '\n' ' '
		echo
	done < lines > numbers
	awk '
		function near(a, b) { return a > b * 0.9999 && a < b * 1.0001 }
		$1 <= 0 || $3 <= 0 || !near($4 * $3 * 1e6, $1) { bad = 1 }
		$2 != "null" && !near($5 * $2, $1) { bad = 1 }
		$2 == "null" && $5 != "null" { bad = 1 }
		!near($7 * $1, $6 * 1073741824) { bad = 1 }
		$8 > $4 || $9 < $4 { bad = 1 }
		END { exit bad || NR == 0 }' numbers
}

# A run's memory has a bound; a sanitizer's own is beyond it.
stays_below() {
	grep '"event":"measurement"' "$out" > lines
	while read -r line; do
		used=$(echo "$line" | field peak_memory)
		bound=$(echo "$line" | field memory_bound)
		test "$used" -le "$bound" || return 1
	done < lines
}
bounded() {
	case ${SANITIZERS:-no} in
	no) check 'memory stays below its bound' stays_below ;;
	*) skip 'the bound on memory: a sanitizer takes its own' ;;
	esac
}

# ---- data that are made up ----
status 0 "$VDIBACKUP" bench --size 1MiB --repeat 1 --level 1,3 --threads 1..2 \
	--devices 2 --max-transfer-size 64KiB,1MiB --stages source,compress \
	--json --plot curve.svg
measured source 2
measured compress 8
check 'and no more' test "$(grep -c '"measurement"' "$out")" -eq 10
check 'each was measured once' \
	test "$(grep -c '"runs":1,.*"error":null' "$out")" -eq 10
check 'the numbers agree' agrees
bounded
check 'each has its memory' \
	test "$(grep -c '"peak_memory":[1-9]' "$out")" -eq 10
tail -n 1 "$out" > last
check 'the result is last' grep -q '^{"event":"result","command":"bench"' last
check 'it has the machine' \
	grep -q '"machine":{"cpu":"..*","processors":[1-9]' last
check 'it recommends' grep -q '"recommendation":{"devices":2,"threads":[12],"level":[13],"measured_level":[13],"max_transfer_size":[1-9]' last
check 'and says why' grep -q '"reason":"level [13]: ' last
check 'all measurements are complete' \
	grep -q '"measurements":10,"complete":10,' last
check 'a curve for each devices, threads and transfers' \
	test "$(grep -c '<polyline ' curve.svg)" -eq 4
check 'a point for each level of each' \
	test "$(grep -c '<circle ' curve.svg)" -eq 8
if command -v xmllint >/dev/null; then
	check 'the image is XML' xmllint --noout curve.svg
else
	skip 'the image by xmllint: it is not here'
fi
if command -v jq >/dev/null; then
	check 'every line is JSON' sh -c "jq -e . '$out' > all.json"
else
	skip 'JSON by jq: it is not here'
fi
cp curve.svg kept.svg
status 8 "$VDIBACKUP" bench --size 1MiB --repeat 1 --plot curve.svg
says 'File exists'
check 'a file that is there is left alone' cmp curve.svg kept.svg

# ---- a database, and the way back ----
status 0 "$VDIBACKUP" bench -d Shop --engine sqlite:a.db --repeat 1 --level 3 \
	-n 2 --frame-size 64KiB --json --to "$TMPDIR"
for stage in source compress write restore verify; do
	measured "$stage" 1
done
check 'the numbers agree' agrees
bounded
check 'what is stored is what is read back' test \
	"$(of_stage write | field stored_bytes)" = \
	"$(of_stage verify | field stored_bytes)"
check 'the folder is gone' room_is_empty
check 'the database is as it was' cmp a.db before.db
check 'nothing else was made' test -z "$(ls -d ./*.partial s* 2>/dev/null)"
check 'nothing in shared memory' shm_is_clean

# ---- for people ----
status 0 "$VDIBACKUP" bench --size 1MiB --seed 7 --ratio 2.5 --repeat 1 -l 1
check 'a table' test "$(grep -c '^\(source\|compress\|write\|restore\|verify\)  *1 ' "$out")" -eq 5
says "backups are written to \"$TMPDIR/vdibackup-bench-"
check 'the settings to use' grep -q '^use: --devices 1 --threads [0-9]* --level [1a][uto]* --max-transfer-size 4096KiB$' "$out"
check 'what limits' grep -q 'is the limit: ' "$out"
status 0 "$VDIBACKUP" bench --size 1MiB --repeat 1 -l 1 -q --stages source
check '-q is silent' test ! -s "$out" -a ! -s "$err"
check 'the folder is gone' room_is_empty

# ---- a stage fails, the others stay ----
status 8 sh -c "ulimit -f 2048; exec '$VDIBACKUP' bench --size 8MiB --repeat 2 \
	-l 1 --max-transfer-size 64KiB --json"
measured source 1
check 'compress was measured' sh -c "grep '\"stage\":\"compress\"' '$out' |
	grep -q '\"runs\":2,.*\"error\":null'"
check 'write was not' sh -c "grep '\"stage\":\"write\"' '$out' |
	grep -q '\"runs\":0,\"error\":{\"kind\":\"storage\"'"
says 'File too large'
check 'the recommendation goes by compress' \
	sh -c "tail -n 1 '$out' | grep -q '\"stage\":\"compress\"'"
check 'the folder is gone' room_is_empty
status 1 "$VDIBACKUP" bench -d A --engine sqlite:none.db
says 'none.db'
status 7 "$VDIBACKUP" bench --run-timeout 1ms
status 8 "$VDIBACKUP" bench --to no-such-folder

# ---- wrong command lines ----
refuses() {
	wanted=$1
	shift
	status 2 "$VDIBACKUP" bench "$@"
	says "$wanted"
}
refuses "'--devices' cannot be \"0,1\"" --devices 0,1
refuses "'--threads' cannot be \"2..1\"" --threads 2..1
refuses "'--level' cannot be \"1,99\"" --level 1,99
refuses "'--level 1,20' goes without '--ultra'" --level 1,20
refuses "'--max-transfer-size' cannot be \"100KiB\"" --max-transfer-size 100KiB
refuses "'--stages' cannot be \"source,read\"" --stages source,read
refuses "'--repeat' cannot be \"0\"" --repeat 0
refuses "'--size' cannot be \"big\"" --size big
refuses "'--ratio' cannot be \"3,seed=2\"" --ratio 3,seed=2
refuses "'--seed' cannot be \"x\"" --seed x
refuses "'--engine' and '--size' contradict" --size 1MiB -d A --engine sqlite:a.db
refuses "'--engine' cannot be \"a.db\"" -d A --engine a.db
refuses "'--database' is missing" --engine sqlite:a.db
refuses "'--to' cannot be \"null:\"" --to null:
refuses "'--frame-size' cannot be \"1\"" --frame-size 1
refuses "'--plot' draws ratios" --plot x.svg --stages verify
refuses '"a.db" is too much' a.db
refuses '8192 settings are too many' --devices 1..64 --threads 1..64 -l 1,2

# ---- an interrupt ----
# Level 19 takes its time.
env --default-signal=INT "$VDIBACKUP" bench --size 64MiB -l 19 --json \
	--frame-size 1MiB -d "bench$$" --stages write > "$out" 2> "$err" &
job=$!
until_true 20 sh -c "ls -d '$TMPDIR'/vdibackup-bench-*/store" >/dev/null ||
	fail_ 'no backup was begun'
kill -INT "$job"
wait "$job"
check "SIGINT ends it by the signal (status $?)" test $? -eq 130
says 'interrupted'
check 'the last line of --json is a result' \
	sh -c "tail -n 1 '$out' | grep -q '\"signal\":\"SIGINT\"'"
check 'the folder is gone' room_is_empty
check 'nothing in shared memory' shm_is_clean
no_child() {
	! pgrep -f "[ =]bench$$" >/dev/null
}
check 'nobody is left at work' until_true 5 no_child
finish
