#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: jobs through the vendor's library do what jobs through our own runtime
# do: backup and restore, drills on both sides, a server and a client that are
# killed.  Before the stand-in for that library is one that ends the process of
# whoever breaks a rule (tests/vendor/warden.h).
. "$top_srcdir/tests/init.sh"
. "$top_srcdir/tests/e2e/drill-lib.sh"

WARDEN_LIBRARY=$top_builddir/.libs/libsqlvdi.so
export WARDEN_LIBRARY
warden=$top_builddir/tests/vendor/.libs/warden.so
provider="--provider sqlvdi --sqlvdi-library $warden"
times=$provider

with_time() {
	times="$provider --stall-timeout $short --configure-timeout $short"
	"$@"
	times=$provider
}

# job STATUS backup|restore OPTION...
job() {
	wanted_=$1
	verb_=$2
	shift 2
	# shellcheck disable=SC2086  # options, divided by blanks
	status "$wanted_" "$VDIBACKUP" "$verb_" -S s -q --max-transfer-size 64KiB \
		$provider "$@"
}

# There and back, through one and through many devices.
"$SAMPLE" make big.db 4MiB delete >/dev/null
for n in 1 5; do
	job 0 backup --engine "sqlite:$tmp/big.db" -d Big --to jobs -n $n
	backup=$(only_backup jobs)
	check 'the manifest names the provider' \
		grep -q '"provider": "sqlvdi"' "$backup/manifest.json"
	status 0 "$VDIBACKUP" verify -q "$backup"
	job 0 restore --engine "sqlite:$tmp/new.db" -d Big --from jobs
	check 'what comes back is what was there' cmp big.db new.db
	rm -rf jobs new.db
done
# What one provider has written, the other one reads.
job 0 restore --engine "sqlite:$tmp/new.db" -d New --from "$good"
check 'what comes back is what was there' cmp a.db new.db
# The umask is no hindrance.
(
	umask 077
	job 0 backup --engine "sqlite:$tmp/a.db" -d A --to masked
	check 'the stripe is for its owner' test "$(stat -c %a \
		"$(only_backup masked)"/stripe-1of1.bak.zst)" = 600
	echo "$passed $failed" > counts
)
read -r passed failed < counts

# Faults on either side.
for place in device=2,command=5 at=configure at=open; do
	drill 6 --inject "abort${place:+,$place}"
done
drill 6 --inject fail,command=3,code=io-device
says '1117'
drill 6 --inject close-early,device=2,command=4
says 'Close'
drill 6 --inject close-early,at=open
drill '1 6' --inject sql-cancel,command=3
says '3204'
drill 137 --inject kill,command=3
with_time drill 7 --inject stall=60,command=3
drill '1 6' --engine-inject abort,command=3
drill '1 4 6' --engine-inject kill,command=3
next_works
rm -rf st
undo 6 --inject abort,command=3
undo 137 --inject kill,command=3
undo '1 4 6' --engine-inject kill,command=3

# The other reading of the documents: seconds. Everything ends in time.
WARDEN_SECONDS=1
export WARDEN_SECONDS
job 0 backup --engine "sqlite:$tmp/big.db" -d Big --to jobs -n 3
job 0 restore --engine "sqlite:$tmp/new.db" -d Big --from jobs --replace
check 'what comes back is what was there' cmp big.db new.db
drill 6 --inject abort,command=3
with_time drill 7 --engine-inject stall=60,command=3
# The statement fails before the server comes: nothing wakes who waits.
"$SAMPLE" make late.db 1MiB delete >/dev/null
printf 'no database' > late.db
# shellcheck disable=SC2086  # options, divided by blanks
within "$MAXIMUM" "$VDIBACKUP" backup --engine "sqlite:$tmp/late.db" -d A \
	--to null: $provider > "$out" 2> "$err"
check 'a refused statement ends the wait' test $? -eq 1
unset WARDEN_SECONDS

# What the library refuses, after the set was made.
job_refused() {
	job "$1" backup --engine "sqlite:$tmp/a.db" -d A --to none -n 2
	check 'what to do is said' grep -q '^  what to do  *[^ ]' "$err"
	check 'nothing looks like a backup' no_backup_below none
}
WARDEN_CREATE=80770009
export WARDEN_CREATE
job_refused 5
says 'Create: VD_E_NOTSUPPORTED (0x80770009)'
says 'what to do  the provider does not support this configuration'
unset WARDEN_CREATE
WARDEN_CONFIGURE=8077000B
export WARDEN_CONFIGURE
job_refused 5
says 'GetConfiguration: VD_E_UNEXPECTED (0x8077000B)'
unset WARDEN_CONFIGURE
# As in a container whose memory the server does not share.
WARDEN_OPEN=80770004
export WARDEN_OPEN
job_refused 6
says 'OpenDevice on device 1: VD_E_ABORT (0x80770004)'
if ! getent group mssql >/dev/null &&
	test "$(df -k --output=avail /dev/shm | tail -n 1)" -gt 65536; then
	says 'memory.enablecontainersharedmemory = true'
fi
unset WARDEN_OPEN
check 'nothing in shared memory' shm_is_clean
finish
