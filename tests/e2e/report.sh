#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: what a job says: JSON lines that end with the result, text on standard
# error alone, silence with -q, everything in the log, and never a success
# whose result could not be printed.
. "$top_srcdir/tests/init.sh"

"$SAMPLE" make a.db 2MiB delete >/dev/null
B='backup --engine sqlite:a.db -d Shop -S s'
# has TEXT: the last line of standard output holds it.
has() {
	tail -n 1 "$out" > last
	check "the result has $1" grep -q -F -e "$1" last
}

# The last line says what the process has used: some of the processor, and
# memory in whole pages, more than a megabyte of it.
uses() {
	tail -n 1 "$out" > last
	check 'the result has "cpu_seconds"' \
		grep -q '"cpu_seconds":[0-9]*\.[0-9]' last
	check 'the result has "peak_memory"' \
		grep -q '"peak_memory":[1-9][0-9]\{6,\}' last
}

# shellcheck disable=SC2086  # here and below B is split on purpose
{
	# ---- for people ----
	status 0 "$VDIBACKUP" $B --to st -n 2
	check 'standard output is for data' test ! -s "$out"
	check 'the summary names the database' \
		grep -q '^vdibackup: backup done: "Shop" (full)$' "$err"
	check 'and the place' grep -q '^  where  *st/s/Shop/.*-full$' "$err"
	check 'and the devices' grep -q ', 2 devices$' "$err"
	check 'no progress where nobody watches' test "$(wc -l < "$err")" -eq 5
	status 0 "$VDIBACKUP" $B --to st -q
	check '-q is silent' test ! -s "$out" -a ! -s "$err"
	status 0 "$VDIBACKUP" $B --to st -v
	says 'phase: transfer'
	says 'statement: BACKUP DATABASE [Shop]'
	check '-v says what was used' grep -q \
		'^  used  *[0-9.]* s of the processor, [0-9.]* MiB of memory' "$err"
	status 0 "$VDIBACKUP" $B --to null: -v
	says 'COPY_ONLY'
	status 0 "$VDIBACKUP" $B --to st -q --progress always --log-file log
	check '-q is silent, whatever else' test ! -s "$err"
	check 'the log begins' grep -q ' start: backup of vdibackup' log
	check 'the log has the phases' grep -q ' phase: commit$' log
	check 'the log has the statement' grep -q ' statement: BACKUP' log
	check 'the log has the verdict' grep -q ' result: backup done' log
	check 'each line has its time' \
		test -z "$(grep -v '^20..-..-..T..:..:..\....Z [a-z]*: ' log)"

	# ---- for programs ----
	status 0 "$VDIBACKUP" $B --to js -n 2 --json
	check 'the first line is the start' \
		sh -c "head -n 1 '$out' | grep -q '^{\"event\":\"start\"'"
	has '"event":"result"'
	has '"status":"done","exit_code":0'
	has '"devices":2,"devices_closed":2,"server_succeeded":true,"manifest_durable":true'
	has '"statement":"BACKUP DATABASE [Shop]'
	has '"start_seconds":'
	has '"transfer_seconds":'
	uses
	for file in js/s/Shop/*/stripe-*.bak.zst; do
		has "$(sha256sum < "$file" | cut -d ' ' -f 1)"
		has "\"stored_bytes\":$(stat -c %s "$file")"
	done
	if command -v jq >/dev/null; then
		check 'every line is JSON' sh -c "jq -e . '$out' > all.json"
		check 'one result' test \
			"$(grep -c '"event":"result"' "$out")" -eq 1
	else
		skip 'JSON by jq: it is not here'
	fi
	status 0 "$VDIBACKUP" verify --json js
	has '"event":"result"'
	has '"good":true'
	uses
	mkdir -p js/s/Shop/20250101T000000Z-full.partial
	status 0 "$VDIBACKUP" list js
	check 'the leftover is listed' grep -q '^unfinished .*partial$' "$out"
	check 'so is the backup' grep -q '^complete .*-full$' "$out"
	status 0 "$VDIBACKUP" list --json js
	has '"state":"unfinished"'
	has '"state":"complete"'
	rmdir js/s/Shop/*.partial
	status 0 "$VDIBACKUP" show --json js/s/Shop/*-full
	has '"DatabaseName":"Shop"'
	status 0 "$VDIBACKUP" show --field DatabaseName js/s/Shop/*-full
	check 'one field, one line' test "$(cat "$out")" = Shop
	status 2 "$VDIBACKUP" show --field databasename js/s/Shop/*-full
	status 0 "$VDIBACKUP" restore --engine sqlite:b.db -d Copy --json \
		--from js/s/Shop/*-full
	has '"command":"restore","status":"done"'
	uses
	status 0 "$VDIBACKUP" $B --to dry --dry-run --json
	has '"dry_run":true'
	check 'a dry run makes nothing' test ! -e dry

	# ---- failures ----
	status 1 "$VDIBACKUP" backup --engine sqlite:none.db -d A -S s --to st --json
	has '"status":"statement","exit_code":1'
	has '"origin":"server"'
	has '"hint":'
	check 'in words, too' grep -q '^vdibackup: error: ' "$err"
	check 'the cause first, 3013 last' test \
		"$(grep '^  server' "$err" | tail -n 1 | grep -c ' 3013,')" -eq 1

	# ---- nobody could read the result ----
	if test -c /dev/full; then
		status 8 sh -c "'$VDIBACKUP' $B --to full --json > /dev/full"
		says 'No space left'
		says 'the work itself was done'
		check 'and it was' "$VDIBACKUP" verify -q full
		status 8 sh -c "'$VDIBACKUP' show $(only_backup full) > /dev/full"
	else
		skip 'a full standard output: there is no /dev/full'
	fi
	status 8 sh -c "'$VDIBACKUP' $B --to shut --json >&-"
	check 'no stripe got what was meant for standard output' \
		"$VDIBACKUP" verify -q shut
}

# ---- names, in a locale of one byte to a letter ----
odd=$(printf 'K\303\244se\033[31m')
status 0 "$VDIBACKUP" backup --engine sqlite:a.db -d "$odd" -S s --to odd
says 'K\u00e4se\x1b[31m'
check 'no control character gets through' \
	test -z "$(LC_ALL=C tr -d '\040-\176\n' < "$err")"
status 0 "$VDIBACKUP" show "$(only_backup odd)"
says 'K\u00e4se\x1b[31m'
status 0 "$VDIBACKUP" show --json "$(only_backup odd)"
has 'K\u00E4se\u001B[31m'
finish
