#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: a rehearsal plays its faults and finds all as promised; it finds what is
# not, says so and ends with 9; it leaves nothing, also when it is interrupted.
# With the argument "whole" it is the whole matrix and no more.
. "$top_srcdir/tests/init.sh"
TMPDIR=$tmp/rooms
export TMPDIR
mkdir "$TMPDIR"

room_is_empty() {
	test -z "$(ls -A "$TMPDIR")"
}
has_ended() {
	! kill -0 "$1" 2>/dev/null
}

if test "${1-}" = whole; then
	"$VDIBACKUP" rehearse > "$out" 2> "$err" < /dev/null
	got_=$?
	cat "$out"
	check 'every fault ended as promised' test "$got_" -eq 0
	check 'the folder is gone' room_is_empty
	check 'nothing in shared memory' shm_is_clean
	finish
fi

status 0 "$VDIBACKUP" rehearse --quick --json
check 'the last line is the result' \
	grep -q '"event":"result".*"not_as_promised":0' "$out"
check 'every run was as promised' test \
	"$(grep -c '"as_promised":true' "$out")" -ge 70
check 'each fault was played' test "$(grep -o '"fault":"[a-z-]*' "$out" |
	sort -u | wc -l)" -eq 10
check 'the folder is gone' room_is_empty
check 'nothing in shared memory' shm_is_clean

# The table for people; one fault, one direction; the folder that is kept.
status 0 "$VDIBACKUP" rehearse --only sink-error --direction restore -n 3 --keep \
	--log-file log
says 'restore vdibackup  sink-error,at=target'
says 'as promised, 0 not'
says 'the folder was kept'
check 'only that direction' test "$(grep -c '^backup' "$out")" -eq 0
check 'it was kept' test -f "$TMPDIR"/*/1/sample.db
check 'the log has the runs' grep -q 'sink-error,at=target' log
rm -rf "${TMPDIR:?}"/*
status 0 "$VDIBACKUP" rehearse --only sink-error --direction restore -n 1 -q
check 'quiet' test ! -s "$out"

# Engines that do not keep the promises: one that plays no fault, one that
# leaves a process, and one that does not restore the bytes it was given.
cat > engine.deaf <<EOF
#!/bin/sh
skip=
for word; do
	shift
	case \$skip\$word in
	--inject) skip=1 ;;
	1*) skip= ;;
	*) set -- "\$@" "\$word" ;;
	esac
done
exec "$VDI_ENGINE" "\$@"
EOF
cat > engine.litter <<EOF
#!/bin/sh
case "\$*" in
*--inject*) tail -f /dev/null "\${4#*=}" >/dev/null 2>&1 </dev/null & ;;
esac
exec "$VDI_ENGINE" "\$@"
EOF
cat > engine.mute <<EOF
#!/bin/sh
"$VDI_ENGINE" "\$@" || exit
case "\$*" in
*RESTORE*) echo >> "\${4#*=}" ;;
esac
EOF
chmod +x engine.*
for engine in deaf litter mute; do
	VDIBACKUP_ENGINE="$tmp/engine.$engine" \
		status 9 "$VDIBACKUP" rehearse --only sink-full --direction restore \
		--quick
	says 'NOT AS PROMISED'
	case $engine in
	deaf) says 'no fault fired' ;;
	litter) says 'a process was left behind' ;;
	mute) says 'did not bring back what was backed up' ;;
	esac
	pkill -f "^tail -f /dev/null $TMPDIR"
	check "the folder is gone ($engine)" room_is_empty
done

status 2 "$VDIBACKUP" rehearse --only nothing
says 'is no fault'
status 2 "$VDIBACKUP" rehearse --direction sideways
status 2 "$VDIBACKUP" rehearse here
VDIBACKUP_ENGINE=$tmp/none status 4 "$VDIBACKUP" rehearse
TMPDIR=$tmp/none status 8 "$VDIBACKUP" rehearse

# Interrupted.
"$VDIBACKUP" rehearse --only stall --direction backup > "$out" 2> "$err" \
	< /dev/null &
pid=$!
check 'it begins' until_true 20 grep -q '^backup' "$out"
kill -TERM $pid
check 'it ends soon' until_true 8 has_ended $pid
wait $pid
got_=$?
check "it ends by the signal (status $got_)" test $got_ -eq 143
says 'interrupted'
check 'the folder is gone' room_is_empty
check 'nothing in shared memory' shm_is_clean

status 0 "$VDI_ENGINE" --make-sample "$tmp/s.db=1MiB"
status 1 "$VDI_ENGINE" --make-sample "$tmp/s.db=1MiB"
status 2 "$VDI_ENGINE" --make-sample "$tmp/s.db"
finish
