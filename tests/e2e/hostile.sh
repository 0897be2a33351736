#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: somebody who may write to the shared memory cuts it short in the middle
# of a backup or a restore: both programs fail with words, neither crashes.
. "$top_srcdir/tests/init.sh"

"$SAMPLE" make a.db 4MiB delete >/dev/null

# The shared memory of a process, as a path that can be opened.
memory_of() {
	find "/proc/$1/fd" -lname '/dev/shm/vdibackup*' 2>/dev/null | head -n 1
}

# cut SIDE OPTION...: run in the background until the drill stands still, then
# take the memory away from under it.
cut() {
	"$VDIBACKUP" "$@" > "$out" 2> "$err" &
	job=$!
	until_true 10 grep -q fired "$err" || fail_ 'the stall did not fire'
	memory=$(memory_of "$job")
	check 'the shared memory is found' test -n "$memory"
	truncate -s 0 "$memory"
	wait "$job"
	got_=$?
	check "$1 ends by itself with a failure (status $got_)" \
		test "$got_" -gt 0 -a "$got_" -lt 128
	says 'vdibackup:'

	check 'the engine has ended' until_true 10 no_engine
	check 'nothing in shared memory' shm_is_clean
}

for stall in --inject --engine-inject; do
	rm -rf st
	cut backup --engine "sqlite:$tmp/a.db" -d A -S s --to st -n 2 \
		"$stall" stall=60,command=3
	says 'shared memory short'
	check 'nothing looks like a backup' no_backup_below st
done

rm -rf st
status 0 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s --to st -n 2 -q
backup=$(only_backup st)
for stall in --inject --engine-inject; do
	cut restore --engine "sqlite:$tmp/t.db" -d T --from "$backup" \
		"$stall" stall=60,command=3
	check 'nothing was restored' test ! -e t.db
done
status 0 "$VDIBACKUP" restore --engine "sqlite:$tmp/t.db" -d T --from "$backup" -q
check 'the next restore works' "$SAMPLE" compare a.db t.db
finish
