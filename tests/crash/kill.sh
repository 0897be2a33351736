#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: after kill -9 of either side at each phase, nothing looks like a backup
# that is none, no name blocks the next run, the peer ends, and the next backup
# and its restore work.
. "$top_srcdir/tests/init.sh"

"$SAMPLE" make a.db 2MiB delete >/dev/null

# killed WHO PHASE: one run that dies, one look around.
killed() {
	within 20 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s --to st \
		-n 2 "$1" "kill,at=$2" > "$out" 2> "$err"
	got_=$?
	check "$1 kill at $2: fails (status $got_)" test "$got_" -ne 0 -a "$got_" -ne 124
	says 'fired'
	check 'the peer ends' until_true 3 no_engine
	# shellcheck disable=SC2044  # there are no spaces in our own names
	for found in $(find st -name manifest.json -not -path '*.partial/*' 2>/dev/null); do
		check "what is complete is whole" "$VDIBACKUP" verify -q "$(dirname "$found")"
	done
}

for phase in plan lock target connect create statement configure open transfer \
	durable manifest closed result commit; do
	killed --inject "$phase"
done
for phase in open configure devices transfer flush complete close; do
	killed --engine-inject "$phase"
done
# The server has not come to the device set yet, where it would see its client
# die: it waits for a lock of the database.
"$SAMPLE" make locked.db 64KiB delete >/dev/null
mkfifo hold
{
	echo 'BEGIN EXCLUSIVE; SELECT 1;'
	cat hold
} | sqlite3 locked.db > locked &
holder=$!
exec 9> hold
check 'the database is locked' until_true 20 test -s locked
"$VDIBACKUP" backup --engine "sqlite:$tmp/locked.db" -d A -S s --to locked.st \
	2> "$err" &
job=$!
an_engine() {
	! no_engine
}
check 'the server waits' until_true 20 an_engine
kill -KILL "$job"
wait "$job"
check 'the peer ends' until_true 3 no_engine
exec 9>&-
wait "$holder"
status 0 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s --to st -n 2 -q
newest=$(only_backup st | sort | tail -n 1)
status 0 "$VDIBACKUP" verify "$newest"
status 0 "$VDIBACKUP" restore --engine "sqlite:$tmp/t.db" -d T --from "$newest" -q
check 'the next backup restores' "$SAMPLE" compare a.db t.db

# The single-file form: what is left does not stand in the way.
for phase in transfer durable commit; do
	within 20 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s \
		--to one.bak.zst --inject "kill,at=$phase" > "$out" 2> "$err"
	says 'fired'
	check 'there is no file of that name' test ! -e one.bak.zst
	check 'the peer ends' until_true 3 no_engine
done
cp one.bak.zst.partial left
status 0 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s --to one.bak.zst
says '"one.bak.zst.partial" was left by an earlier run'
check 'what was left is as it was' cmp left one.bak.zst.partial
status 0 "$VDIBACKUP" restore --engine "sqlite:$tmp/f.db" -d F --from one.bak.zst -q
check 'the next file restores' "$SAMPLE" compare a.db f.db
# The last one was killed with everything done but the name.
status 0 "$VDIBACKUP" verify one.bak.zst.3.partial
status 9 "$VDIBACKUP" verify one.bak.zst.partial

restore_killed() {
	rm -f r.db
	within 20 "$VDIBACKUP" restore --engine "sqlite:$tmp/r.db" -d R --from "$newest" \
		"$1" "kill,at=$2" > "$out" 2> "$err"
	got_=$?
	check "restore, $1 kill at $2: fails (status $got_)" \
		test "$got_" -ne 0 -a "$got_" -ne 124
	check 'the peer ends' until_true 3 no_engine
	test ! -e r.db || check 'what is there is whole' "$SAMPLE" compare a.db r.db
}
for phase in plan target connect create statement configure open transfer closed \
	result; do
	restore_killed --inject "$phase"
done
for phase in open configure devices transfer close; do
	restore_killed --engine-inject "$phase"
done
rm -f r.db
status 0 "$VDIBACKUP" restore --engine "sqlite:$tmp/r.db" -d R --from "$newest" -q
check 'the next restore works' "$SAMPLE" compare a.db r.db
check 'nothing in shared memory' shm_is_clean
finish
