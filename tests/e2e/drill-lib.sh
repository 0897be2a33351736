# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the tests of fault drills have in common; after tests/init.sh.
#
#   drill STATUSES OPTION...    a backup into the store st that has to fail with
#                               one of them
#   undo STATUSES OPTION...     the same for a restore of $good into t.db
#   with_time DRILL...          one of these, with short time-outs
#
# The promises are checked after each: it ends in time, with the status, says
# which fault fired and in which phase it failed, leaves no process, no name
# in shared memory, nothing that looks like a backup, and no database.

MAXIMUM=8 # seconds a drill may take to end, its time-out included
short=200ms
test "$slower" -eq 1 || short=2s
times=
devices=2

"$SAMPLE" make a.db 1MiB delete >/dev/null
"$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s --to good -n 2 -q \
	--max-transfer-size 64KiB --frame-size 64KiB || fail_ 'a good backup'
good=$(only_backup good)

# after_drill WHAT OPTION...
after_drill_() {
	what_=$1
	shift
	case " $wanted_ " in
	*" $got_ "*) pass_ "$what_: status $got_: $*" ;;
	*)
		fail_ "$what_: status $got_ instead of $wanted_: $*"
		show_
		;;
	esac
	says 'fired'
	case $got_ in
	137) ;;
	*)
		check 'says in which phase' grep -q '^  stage  *[a-z]' "$err"
		;;
	esac
	# Of a client that was killed before the engine came, the name stays
	# until the next one is made.
	case "$got_ $*" in
	'137 '*,at=*) ;;
	*) check 'nothing in shared memory' shm_is_clean ;;
	esac
	check 'the engine has ended' until_true 5 no_engine
}

drill() {
	wanted_=$1
	shift
	# shellcheck disable=SC2086  # options, divided by blanks
	within $MAXIMUM "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s \
		--to st -n $devices --max-transfer-size 64KiB --frame-size 64KiB $times \
		"$@" > "$out" 2> "$err"
	got_=$?
	after_drill_ backup "$@"
	check 'nothing looks like a backup' no_backup_below st
}

undo() {
	wanted_=$1
	shift
	rm -f t.db
	# shellcheck disable=SC2086  # options, divided by blanks
	within $MAXIMUM "$VDIBACKUP" restore --engine "sqlite:$tmp/t.db" -d T \
		--from "$good" $times "$@" > "$out" 2> "$err"
	got_=$?
	after_drill_ restore "$@"
	case "$*" in
	'--inject '*,at=closed* | '--inject '*,at=result*)
		# The server has had all that it needs.
		test "$got_" -eq 137 || says 'it reported success'
		;;
	*) check 'nothing was restored' test ! -e t.db ;;
	esac
}

with_time() {
	times="--stall-timeout $short --configure-timeout $short"
	"$@"
	times=
}

# The next job works, in the place as the drills have left it.
next_works() {
	rm -f t.db
	status 0 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s --to st \
		-n 2 -q
	next_=$(only_backup st)
	status 0 "$VDIBACKUP" verify -q "$next_"
	status 0 "$VDIBACKUP" list st
	status 0 "$VDIBACKUP" restore --engine "sqlite:$tmp/t.db" -d A -S s \
		--from st -q
	check 'it brings back what was there' cmp a.db t.db
	check 'nothing in shared memory' shm_is_clean
}
