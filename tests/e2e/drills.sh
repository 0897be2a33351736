#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: every fault that vdibackup can play, at every place, fires, ends in
# bounded time with the right status and a message that says where, and leaves
# nothing behind that looks like a backup.  The lists here are not taken from
# the table that the program obeys.
. "$top_srcdir/tests/init.sh"
. "$top_srcdir/tests/e2e/drill-lib.sh"

commands='command=3 device=2,command=5 after=128KiB at=flush at=complete,device=2'
phases='plan lock target connect create statement configure open transfer
	durable manifest closed result commit'

# phase STATUS FAULT: at each of the phases; the message names it.
at_phases() {
	at_status_=$1
	at_fault_=$2
	shift 2
	for phase in "$@"; do
		$timed drill "$at_status_" --inject "$at_fault_,at=$phase"
		says "stage       $phase"
	done
}

timed=
for place in '' $commands; do
	drill 6 --inject "abort${place:+,$place}"
	says 'VD_E_ABORT'
	drill 6 --inject "fail${place:+,$place},code=io-device"
	says '1117'
	drill 6 --inject "close-early${place:+,$place}"
	drill '1 6' --inject "sql-cancel${place:+,$place}"
	says '3204'
done
for place in '' device=2,command=5 at=flush at=complete; do
	drill 137 --inject "kill${place:+,$place}"
done
# shellcheck disable=SC2086  # lists of words
{
	at_phases 6 abort $phases
	at_phases 6 fail $phases
	at_phases 6 close-early configure open transfer durable manifest
	at_phases 8 sink-full lock target durable manifest commit
	at_phases 8 sink-error lock target durable manifest commit
	for phase in $phases; do
		drill 137 --inject "kill,at=$phase"
	done
	for phase in configure open transfer durable manifest; do
		drill '1 6' --inject "sql-cancel,at=$phase"
	done
	timed=with_time
	at_phases 7 stall=60 $phases
}
for place in '' command=3,device=2 at=flush; do
	with_time drill 7 --inject "stall=60${place:+,$place}"
	says 'not answered here'
	with_time drill 7 --inject "drop${place:+,$place}"
	says 'not answered here'
done
# With another device, its last answer would be held back for a while.
devices=1
with_time drill 7 --inject stall=60,at=complete
with_time drill 7 --inject drop,at=complete
devices=2
for place in '' command=2 device=2 at=flush at=complete; do
	drill 8 --inject "sink-full${place:+,$place}"
	says 'ENOSPC'
	drill 8 --inject "sink-error${place:+,$place}"
	says 'EIO'
done

# What is damaged is kept for a look, and is no backup.
rm -rf st
for place in '' command=2,device=2; do
	drill 9 --inject "corrupt${place:+,$place}"
	left=$(sed -n 's/^  left behind *//p' "$err")
	status 9 "$VDIBACKUP" verify "$left"
	status 9 "$VDIBACKUP" adopt "$left"
done

# One fault meets another.
drill 6 --inject fail,device=1,command=3 --inject fail,device=2,command=3
with_time drill '6 7' --inject abort,command=4 --inject stall=60,device=2
with_time drill '1 7' --inject drop,command=3 --engine-inject kill,command=6
drill '6 8' --inject sink-error --inject abort,at=manifest
drill 137 --inject kill,command=3 --engine-inject stall=60,command=4
drill '1 9' --inject corrupt --engine-inject fail,at=close
next_works

# A stall that ends is no failure; but a drill never passes for a backup.
rm -rf st
status 0 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s --to st -n 2 \
	--inject stall=100ms,command=2 --engine-inject stall=100ms,at=flush
says 'drill'
backup=$(only_backup st)
check 'the manifest names the drill' grep -q stall "$backup/manifest.json"

# Also one that fires when all else is done.
rm -rf st
status 0 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s --to st -n 2 \
	--inject stall=100ms,at=commit
check 'the manifest names a late drill' \
	grep -q stall "$(only_backup st)/manifest.json"

# A file has no manifest to tell of the damage in it.
status 9 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s \
	--to c.bak.zst --inject corrupt
check 'a damaged file does not get its name' test ! -e c.bak.zst

# A command may take its time with the end of its input, also where the server
# does not wait for it.
cat > plain-engine <<EOF
#!/bin/sh
exec "$VDI_ENGINE" --no-complete "\$@"
EOF
chmod +x plain-engine
VDIBACKUP_ENGINE="$tmp/plain-engine" \
	status 0 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s \
	--to 'exec:cat >/dev/null; timeout 7 tail -f /dev/null; :'

# Nor is it a stall while an answer is held back for the other stripe.
cat > turn-engine <<EOF
#!/bin/sh
exec "$VDI_ENGINE" --complete-order sequential "\$@"
EOF
chmod +x turn-engine
VDIBACKUP_ENGINE="$tmp/turn-engine" \
	status 0 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s \
	--to turn -n 2 --stall-timeout 1s
says "waits for each device's"

# A drill that had nothing to hit says so.
rm -rf st
status 0 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s --to st -n 2 \
	--inject abort,after=1TiB
says 'did not fire'

# Places where a fault cannot happen are refused before anything is done.
rm -rf st
for fault in corrupt,at=plan drop,at=open sql-cancel,at=plan abort,at=devices \
	abort,at=plan,device=1 sink-full,at=connect; do
	status 2 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s \
		--to st --inject "$fault"
	says 'the fault'
done
check 'nothing was done' test ! -e st
for fault in abort,at=lock fail,at=flush sink-full kill,at=commit; do
	status 2 "$VDIBACKUP" restore --engine "sqlite:$tmp/t2.db" -d T \
		--from "$good" --inject "$fault"
done
check 'nothing was restored' test ! -e t2.db

# The way back.
restore_phases='plan target connect create statement configure open transfer
	closed result'
for place in '' command=3 device=2,command=2 after=128KiB; do
	undo 6 --inject "abort${place:+,$place}"
	undo 6 --inject "fail${place:+,$place},code=crc"
	says 'with 23'
	undo 6 --inject "close-early${place:+,$place}"
	undo '1 6' --inject "sql-cancel${place:+,$place}"
done
for phase in $restore_phases; do
	undo 6 --inject "abort,at=$phase"
	says "stage       $phase"
	undo 6 --inject "fail,at=$phase"
	says "stage       $phase"
	undo 137 --inject "kill,at=$phase"
	with_time undo 7 --inject "stall=60,at=$phase"
	says "stage       $phase"
done
undo 137 --inject kill
undo 137 --inject kill,device=2,command=3
for phase in configure open transfer; do
	undo 6 --inject "close-early,at=$phase"
	undo '1 6' --inject "sql-cancel,at=$phase"
done
for place in '' command=3; do
	with_time undo 7 --inject "stall=60${place:+,$place}"
	with_time undo 7 --inject "drop${place:+,$place}"
done
for place in '' command=2,device=2; do
	undo 8 --inject "sink-error${place:+,$place}"
	says 'EIO'
	undo 9 --inject "corrupt${place:+,$place}"
	says 'damaged'
done
undo 8 --inject sink-error,at=target
undo '6 9' --inject corrupt,command=2 --inject close-early,command=3
with_time undo '6 7' --inject stall=60,command=2 --inject fail,device=2,command=4

# A plain stream has no digest; what was damaged on the way in is found by the
# server, or at the end by us.
"$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s --to p.bak.zst -q ||
	fail_ backup
"$VDIBACKUP" cat p.bak.zst > p.bak || fail_ cat
folder=$good
good=p.bak
undo '1 9' --inject corrupt
"$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s --to q.bak.zst -q \
	--no-checksum || fail_ backup
"$VDIBACKUP" cat q.bak.zst > q.bak || fail_ cat
good=q.bak
undo '1 9' --inject corrupt
good=$folder

# A stripe that is not the manifest's does not replace a database.
cp "$good/manifest.json" manifest.good
cp "$good/SHA256SUMS" sums.good
"$SAMPLE" make t.db 1MiB delete >/dev/null
cp t.db old.db
sed '/"sha256"/y/0134789bcdf/1043897cbfd/' manifest.good > "$good/manifest.json"
(cd "$good" && sha256sum -- *.zst manifest.json > SHA256SUMS)
status 9 "$VDIBACKUP" restore --engine "sqlite:$tmp/t.db" -d T --from "$good" \
	--replace
says 'SHA-256 differs'
check 'the database is the old one' cmp -s old.db t.db
cp manifest.good "$good/manifest.json"
cp sums.good "$good/SHA256SUMS"
rm -f t.db
status 0 "$VDIBACKUP" restore --engine "sqlite:$tmp/t.db" -d T --from "$good" -q
check 'and without a drill it works' "$SAMPLE" compare a.db t.db
finish
