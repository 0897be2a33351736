#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: every fault that the engine can play, at every place, fires, and
# vdibackup ends in bounded time with the right status, says what the server
# said, and leaves nothing behind that looks like a backup.
. "$top_srcdir/tests/init.sh"
. "$top_srcdir/tests/e2e/drill-lib.sh"

# An option that a fault is told with, at each of some places.
each() {
	each_job_=$1
	each_status_=$2
	each_fault_=$3
	shift 3
	for place in "$@"; do
		# shellcheck disable=SC2086  # with_time drill
		$each_job_ "$each_status_" --engine-inject "$each_fault_$place"
	done
}

back_phases=',at=open ,at=configure ,at=devices ,at=transfer ,at=flush
	,at=complete ,at=close'
# shellcheck disable=SC2086  # lists of words
{
	for place in '' ,command=3 ,device=2,command=5 ,after=128KiB $back_phases; do
		drill '1 6' --engine-inject "abort$place"
		says '995('
		drill 1 --engine-inject "fail$place,code=io-device"
		says '1117('
		drill '1 6' --engine-inject "sql-cancel$place"
		says '3204'
	done
	each drill 1 kill '' ,device=2,command=5 $back_phases
	says 'signal 9'
	each drill 1 close-early '' ,command=3 ,at=configure ,at=devices \
		,at=transfer ,at=flush ,at=complete,device=2 ,at=close
	each 'with_time drill' 7 stall=60 '' ,command=3 $back_phases
	each 'with_time drill' 7 drop '' ,command=3,device=2 $back_phases
}
with_time drill 7 --engine-inject stall=60,at=devices
says 'the server did not open the devices within'
drill 1 --engine-inject sink-error,device=2
says '5(Input/output error)'

# The server's own damage: what it sent is kept for a look, and is no backup.
rm -rf st
drill 9 --engine-inject corrupt,device=2
left=$(sed -n 's/^  left behind *//p' "$err")
status 9 "$VDIBACKUP" verify "$left"
status 9 "$VDIBACKUP" adopt "$left"
drill 9 --engine-inject corrupt,command=4 --no-checksum

# One fault meets another.
drill '1 6' --engine-inject abort,device=1,command=3 \
	--engine-inject fail,device=2,command=3
with_time drill '1 7' --engine-inject stall=60,device=1,command=3 \
	--engine-inject kill,device=2,command=5
with_time drill '6 7' --engine-inject drop,at=close --inject stall=60,at=manifest
drill 137 --engine-inject drop,at=open --inject kill,at=configure
next_works

# Places where a fault cannot happen are refused before anything is done.
rm -rf st
for fault in corrupt,at=flush sink-full close-early,at=open abort,at=plan \
	kill,at=devices,device=1 sink-error,at=close; do
	status 2 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s \
		--to st --engine-inject "$fault"
	status 2 "$VDI_ENGINE" --sqlite "A=$tmp/a.db" --inject "$fault" \
		--execute "BACKUP DATABASE A TO VIRTUAL_DEVICE='x'"
done
check 'nothing was done' test ! -e st
status 2 "$VDI_ENGINE" --sqlite "A=$tmp/a.db" --inject boom --execute x
says 'is no fault'

# The way back.
forth_phases=',at=open ,at=configure ,at=devices ,at=transfer ,at=close'
# shellcheck disable=SC2086  # lists of words
{
	for place in '' ,command=3 ,device=2,command=2 $forth_phases; do
		undo '1 6' --engine-inject "abort$place"
		undo 1 --engine-inject "fail$place,code=write-fault"
		says '29('
		undo '1 6' --engine-inject "sql-cancel$place"
	done
	each undo 1 kill '' ,device=2,command=3 $forth_phases
	each undo 1 close-early '' ,command=3 ,at=configure ,at=devices \
		,at=transfer ,at=close
	each 'with_time undo' 7 stall=60 '' ,command=3 $forth_phases
	each 'with_time undo' 7 drop '' ,command=3,device=2 $forth_phases
	each undo 1 sink-full '' ,device=2 ,at=close
	says '28(No space left'
	each undo 1 sink-error '' ,at=close
}
undo 1 --engine-inject corrupt,device=2
says '3183'
undo 1 --engine-inject corrupt --no-checksum
says '3189'
for fault in abort,at=flush sink-full,at=open abort,at=complete; do
	status 2 "$VDIBACKUP" restore --engine "sqlite:$tmp/t2.db" -d T \
		--from "$good" --engine-inject "$fault"
done
check 'nothing was restored' test ! -e t2.db
next_works
finish
