#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: what doc/failure-model.md says of a failure is what happens: its exit
# status, its words, and what it leaves.  A row that names this script as its
# proof is made to happen here.
# shellcheck disable=SC2086  # B and R are split on purpose
. "$top_srcdir/tests/init.sh"
model=$top_srcdir/doc/failure-model.md

"$SAMPLE" make a.db 1MiB delete >/dev/null
"$SAMPLE" make b.db 512KiB delete >/dev/null
B="backup --engine sqlite:$tmp/a.db -d A -S s"
R="restore --engine sqlite:$tmp/r.db -d R"
: > proven

# A cell of a row: row ID NUMBER, from 1.
cell() {
	sed -n "s/^| $1 | //p" "$model" | awk -F ' [|] ' -v at=$(($2 - 1)) \
		'{ print $at }'
}

# The first words in backquotes, as a pattern: what differs is a "...".
words() {
	cell "$1" 3 | sed -n -e 's/^[^`]*`\([^`]*\)`.*/\1/' \
		-e 's/[][\.*^$]/\\&/g; s/…/.*/g; p'
}

# proves ID COMMAND...: the command ends with the row's status and words.
proves() {
	id_=$1
	shift
	echo "$id_" >> proven
	run_ "$@"
	got_=$?
	wanted_=$(cell "$id_" 4)
	case " $wanted_ " in
	*" $got_ "*) pass_ "$id_: status $got_" ;;
	*)
		fail_ "$id_: status $got_ instead of $wanted_"
		show_
		;;
	esac
	case $(cell "$id_" 3) in
	'nothing more' | 'nothing:'*) return ;;
	esac
	pattern_=$(words "$id_")
	if grep -q -e "$pattern_" "$err" "$out"; then
		pass_ "$id_: says what the document says"
	else
		fail_ "$id_: does not say: $pattern_"
		show_
	fi
}

# What the row proven last has left in store st.
left_nothing() {
	check "$id_: nothing is left" test -z "$(find st -name '*-full*' 2>/dev/null)"
	rm -rf st
}
left_state() {
	"$VDIBACKUP" list st > states 2>&1
	check "$id_: list says $1" grep -q "^$1 " states
	rm -rf st
}

# ---- the job itself ----
proves J1 "$VDIBACKUP" $B --to st --inject kill,at=durable
left_state unfinished
proves J2 "$VDIBACKUP" $B --to st --inject kill,at=commit
"$VDIBACKUP" adopt -q st/s/A/*.partial
left_state complete
run_ "$VDIBACKUP" $B --to one.bak.zst --inject kill,at=transfer
proves J4 "$VDIBACKUP" $B --to one.bak.zst
"$VDIBACKUP" $B --to good -q -n 2 --max-transfer-size 64KiB || fail_ 'a backup for the restores'
good=$(only_backup good)
proves J5 "$VDIBACKUP" $R --from "$good" --inject kill,at=transfer
check 'J5: the peer ends' until_true 5 no_engine
check 'J5: there is no database' test ! -e r.db
cat > signalled <<'EOF'
#!/bin/sh
"$@" 2> signalled.err &
job=$!
until grep -q fired signalled.err; do
	timeout 0.1 tail -f /dev/null
done
kill -TERM "$job"
wait "$job"
status=$?
cat signalled.err >&2
exit "$status"
EOF
chmod +x signalled
proves J6 ./signalled "$VDIBACKUP" $B --to st --inject stall=60,at=transfer
left_nothing
if test -c /dev/full; then
	proves J9 sh -c '"$@" > /dev/full' sh "$VDIBACKUP" $B --to st --json
	says 'the work itself was done'
	left_state complete
fi
proves J11 sh -c 'ulimit -n 20; "$@"' sh "$VDIBACKUP" $B -n 20 --to st
left_nothing

# ---- the server ----
proves S1 env VDIBACKUP_ENGINE=/nonexistent "$VDIBACKUP" $B --to st
left_nothing
proves S2 "$VDIBACKUP" backup --engine sqlite:none.db -d A -S s --to st
left_nothing
proves S4 "$VDIBACKUP" $B --to st --engine-inject fail,code=read-fault
left_nothing
proves S5 "$VDIBACKUP" $B --to st --engine-inject abort
left_nothing
proves S6 "$VDIBACKUP" $B --to st --engine-inject kill,at=transfer
left_nothing
proves S7 "$VDIBACKUP" $B --to st --engine-inject kill,at=close
says 'makes a backup of it if it is whole'
left_state adoptable
proves S8 "$VDIBACKUP" $B --to st --engine-inject stall=60,at=open \
	--configure-timeout 500ms
left_nothing
proves S9 "$VDIBACKUP" $B --to st -n 2 --engine-inject stall=60,at=devices \
	--configure-timeout 500ms
left_nothing
proves S10 "$VDIBACKUP" $B --to st --engine-inject stall=60,command=2 \
	--stall-timeout 500ms
left_nothing
proves S12 "$VDIBACKUP" $B --to st --inject sql-cancel,command=2
says '3204'
left_nothing

# ---- the place that a backup goes to ----
if test "$(id -u)" -eq 0 && mkdir small && mount -t tmpfs -o size=400k tmpfs small 2>/dev/null; then
	mounts=$tmp/small
	proves T1 "$VDIBACKUP" $B --to small/st
	check 'T1: nothing is left' test -z "$(find small -name '*-full*')"
	proves D4 "$VDIBACKUP" restore --engine "sqlite:$tmp/small/r.db" -d R \
		--from "$good"
	check 'D4: nothing is left' test -z "$(find small -name 'r.db*')"
	head -c 1048576 /dev/zero > small/fill 2>/dev/null
	proves T2 "$VDIBACKUP" $B --to small/st
	rm small/fill
	mount -o remount,ro "$tmp/small"
	proves T5 "$VDIBACKUP" $B --to small/new
	umount small && mounts=
else
	skip 'T1, T2, T5, D4: nothing can be mounted here'
fi
if test "$(id -u)" -eq 0 && command -v setpriv >/dev/null; then
	mkdir roots
	chmod 755 "$tmp" roots
	cp a.db shared.db
	chmod 644 shared.db
	proves T4 setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$VDIBACKUP" backup --engine "sqlite:$tmp/shared.db" -d A -S s \
		--to roots/st
else
	skip 'T4: this is not run by root'
fi
echo x > plain
proves T6 "$VDIBACKUP" $B --to plain
cp one.bak.zst before
proves T7 "$VDIBACKUP" $B --to one.bak.zst
check 'T7: the old file is as it was' cmp before one.bak.zst
"$VDIBACKUP" $B --to st --inject stall=60,at=transfer > job.out 2> job.err &
job=$!
until_true 20 grep -q fired job.err || fail_ 'the other job'
proves T8 "$VDIBACKUP" $B --to st
kill -TERM "$job"
wait "$job"
left_nothing
proves T9 "$VDIBACKUP" $B --to 'exec:head -c 1000 >/dev/null; exit 3'
proves T10 sh -c '{ "$@"; echo $? > status; } | head -c 1000 >/dev/null
	exit "$(cat status)"' sh "$VDIBACKUP" $B --to -
proves T11 "$VDIBACKUP" $B --to 'exec:timeout 30 tail -f /dev/null' \
	--stall-timeout 500ms
proves T12 "$VDIBACKUP" $B --to st --inject fail,at=manifest
left_nothing
proves T13 "$VDIBACKUP" $B --to st --inject fail,at=commit
left_state adoptable

# ---- stored backups ----
one=stripe-1of2.bak.zst
two=stripe-2of2.bak.zst
# spoiled COMMAND...: a fresh copy of the good backup, spoiled, is "bad".
spoiled() {
	rm -rf st
	cp -R good st
	bad=$(only_backup st)
	cd "$bad" || exit 1
	"$@"
	cd "$tmp" || exit 1
}
flip() {
	byte_=$(od -An -tu1 -j "$2" -N 1 "$1")
	printf '%b' "\\0$(printf '%o' $((byte_ ^ 1)))" |
		dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
cp b.db r.db
R="$R --replace"
spoiled flip $one 5000
proves B1 "$VDIBACKUP" $R --from "$bad"
spoiled rm $two
proves B2 "$VDIBACKUP" $R --from "$bad"
proves B5 "$VDIBACKUP" $R --from "$bad/$one"
spoiled truncate -s 5000 $one
proves B3 "$VDIBACKUP" $R --from "$bad"
"$VDIBACKUP" $B --to other -q -n 2
proves B4 "$VDIBACKUP" $R --from "$good/$one" "$(only_backup other)/$two"
spoiled flip manifest.json 10
proves B6 "$VDIBACKUP" $R --from "$bad"
spoiled rm manifest.json
proves B7 "$VDIBACKUP" $R --from "$bad"
status 0 "$VDIBACKUP" restore --engine "sqlite:$tmp/f.db" -d F -q \
	--from "$bad/$one" "$bad/$two"
check 'B7: the stripes alone restore' cmp a.db f.db
spoiled true
mv "$bad" "$bad.partial"
proves B8 "$VDIBACKUP" $R --from "$bad.partial"
rm "$bad.partial/manifest.json"
proves B9 "$VDIBACKUP" adopt "$bad.partial"
proves B10 "$VDIBACKUP" $R --from st -S s
proves B11 "$VDIBACKUP" $R --from nowhere
check 'B1 to B11: the database is the old one' cmp b.db r.db
spoiled true
cp -R "$bad" "$(dirname "$bad")/20991231T235959Z-full.partial"
proves B12 "$VDIBACKUP" restore --engine "sqlite:$tmp/l.db" -d A -S s --from st
check 'B12: the older one was restored' cmp a.db l.db
head -c 5000 one.bak.zst > half
proves B13 sh -c '"$@" < half' sh "$VDIBACKUP" restore \
	--engine "sqlite:$tmp/h.db" -d H -
check 'B13: there is no database' test ! -e h.db
proves B14 "$VDIBACKUP" adopt "$good"
rm -rf st

# ---- the database ----
proves D1 "$VDIBACKUP" restore --engine "sqlite:$tmp/r.db" -d R --from "$good"
# Somebody who reads it, until the other end of the pipe is closed.
mkfifo hold
{
	echo 'BEGIN; SELECT count(*) FROM sqlite_schema;'
	cat hold
} | sqlite3 r.db > reading &
exec 9> hold
until_true 20 test -s reading || fail_ 'a reader of the database'
proves D2 "$VDIBACKUP" $R --from "$good"
exec 9>&-
wait
proves D5 "$VDIBACKUP" $R --from "$good" --engine-inject kill,at=transfer
check 'D1 to D5: the database is the old one' cmp b.db r.db
check 'D5: the new one is left half' test -e r.db.restoring
status 0 "$VDIBACKUP" $R --from "$good" -q
check 'D5: the next one takes it over' test ! -e r.db.restoring
check 'D5: and restores' cmp a.db r.db

# ---- the machine ----
# In a namespace of their own: other tests need the real one.
memory() {
	unshare -m sh -c 'mount -t tmpfs -o "$1" tmpfs /dev/shm && shift &&
		exec "$@"' sh "$@"
}
if test "$(id -u)" -eq 0 && memory size=1m true 2>/dev/null; then
	# A function cannot be given a deadline.
	cat > memory <<'EOF'
#!/bin/sh
exec unshare -m sh -c 'mount -t tmpfs -o "$1" tmpfs /dev/shm && shift &&
	exec "$@"' sh "$@"
EOF
	chmod +x memory
	proves M1 ./memory size=1m "$VDIBACKUP" $B --to st
	left_nothing
	proves M2 ./memory ro "$VDIBACKUP" $B --to st
	left_nothing
else
	skip 'M1, M2: shared memory cannot be mounted here'
fi

# ---- the document ----
sed -n 's/^| \([A-Z][0-9]*\) | .*failures\.sh.*/\1/p' "$model" | sort > named
sort -u proven > seen
if test "$skipped" -eq 0; then
	check 'each row that names this script was proven' cmp named seen
fi
check 'nothing in shared memory' shm_is_clean
finish
