#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: an interrupt ends a running backup within two seconds, by the signal's
# own status, with nothing left in shared memory and no half backup.
. "$top_srcdir/tests/init.sh"

"$SAMPLE" make a.db 4MiB delete >/dev/null

# A backup that cannot finish by itself: the engine stalls in mid-stream.
interrupted() {
	signal=$1
	number=$2
	shift 2
	rm -rf st
	# A shell starts its background jobs with SIGINT ignored, and nohup
	# starts the shell with SIGHUP ignored.
	env --default-signal=INT,HUP,TERM "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" \
		-d A -S s --to st -n 2 -v \
		--engine-inject stall=60,command=2 "$@" > "$out" 2> "$err" &
	job=$!
	until_true 10 grep -q fired "$err" || fail_ 'the stall did not fire'
	began=$(date +%s%N)
	kill -"$signal" "$job"
	wait "$job"
	got_=$?
	took=$((($(date +%s%N) - began) / 1000000))
	check "SIG$signal ends it by the signal (status $got_)" \
		test "$got_" -eq $((128 + number))
	check "within two seconds (took $took ms)" test "$took" -lt $((2000 * slower))
	check 'nothing looks like a backup' no_backup_below st
	check 'nothing in shared memory' shm_is_clean
	check 'the engine has ended' until_true 2 no_engine
}
interrupted INT 2
says 'interrupt'
interrupted TERM 15
interrupted HUP 1
# The server has configured the set and comes no further.
interrupted TERM 15 --engine-inject stall=60,at=devices
interrupted INT 2 --json
check 'the last line of --json is a result' \
	sh -c "tail -n 1 '$out' | grep -q '\"result\"'"

# A restore that waits for somebody to write.
mkfifo pipe
env --default-signal=INT "$VDIBACKUP" restore --engine "sqlite:$tmp/b.db" \
	-d B --from - -v < pipe > "$out" 2> "$err" &
job=$!
exec 9> pipe
until_true 10 grep -q 'phase: target' "$err" || fail_ 'it did not begin'
kill -INT "$job"
wait "$job"
check "SIGINT ends a wait for input (status $?)" test $? -eq 130
exec 9>&-
says 'interrupted by signal 2'
check 'nothing was restored' test ! -e b.db

# The next run is not disturbed.
rm -rf st
status 0 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s --to st -n 2 -q
finish
