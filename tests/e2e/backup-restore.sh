#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: what is backed up comes back the same, over one device and many, in
# every target's form, and with a writer at work.
. "$top_srcdir/tests/init.sh"

check 'a sample is made' "$SAMPLE" make sales.db 6MiB wal
"$SAMPLE" make small.db 1 delete >/dev/null

for devices in 1 2 5 64; do
	status 0 "$VDIBACKUP" backup --engine sqlite:sales.db -d Sales -S here \
		--to "store$devices" -n "$devices" -q
	backup=$(only_backup "store$devices")
	check "$devices devices make as many stripes" \
		test "$(find "$backup" -name 'stripe-*.bak.zst' | wc -l)" -eq "$devices"
	status 0 "$VDIBACKUP" verify "$backup"
	check 'sha256sum agrees' sh -c "cd '$backup' && sha256sum --quiet -c SHA256SUMS"
	status 0 "$VDIBACKUP" restore --engine "sqlite:copy$devices.db" -d Copy \
		--from "$backup" -q
	check "$devices devices: the same content" \
		"$SAMPLE" compare sales.db "copy$devices.db"
	check "$devices devices: integrity" \
		test "$(sqlite3 "copy$devices.db" 'pragma integrity_check')" = ok
	check 'no name is left' shm_is_clean
done

# The tools of the field read our stripes.
backup=$(only_backup store2)
check 'zstd -t takes a stripe' zstd -q -t "$backup/stripe-1of2.bak.zst"
zstd -q -d "$backup/stripe-1of2.bak.zst" -o stripe1.bak
status 0 "$VDIBACKUP" cat "$backup/stripe-1of2.bak.zst"
check 'cat gives what zstd gives' cmp stripe1.bak "$out"
check 'the stream is MTF' test "$(head -c 4 stripe1.bak)" = TAPE

# Restore from the store, from files, from the plain stream.
status 0 "$VDIBACKUP" restore --engine sqlite:s.db -d Sales -S here --from store2 -q
check 'from a store' "$SAMPLE" compare sales.db s.db
status 0 "$VDIBACKUP" restore --engine sqlite:f.db -d F -q \
	--from "$backup/stripe-2of2.bak.zst" --from "$backup/stripe-1of2.bak.zst"
check 'from files in any order' "$SAMPLE" compare sales.db f.db
one=$(only_backup store1)
zstd -q -d "$one/stripe-1of1.bak.zst" -o plain.bak
status 0 "$VDIBACKUP" restore --engine sqlite:p.db -d P -q --from plain.bak
check 'from a plain .bak' "$SAMPLE" compare sales.db p.db

# The latest that is good, and a word where a later one is not.
status 0 "$VDIBACKUP" backup --engine sqlite:small.db -d Sales -S here --to store2 -q
later=$(find store2 -name manifest.json | sort | tail -n 1)
echo '{}' > "$later"
status 0 "$VDIBACKUP" restore --engine sqlite:l.db -d Sales -S here --from store2
says 'is taken, since the later'
check 'the good one is restored' "$SAMPLE" compare sales.db l.db
rm -r "$(dirname "$later")"

# Single file, pipe, command.
status 0 "$VDIBACKUP" backup --engine sqlite:sales.db -d Sales --to one.bak.zst -q
status 0 "$VDIBACKUP" verify one.bak.zst
status 0 "$VDIBACKUP" restore --engine sqlite:o.db -d O --from one.bak.zst -q
check 'single file' "$SAMPLE" compare sales.db o.db
"$VDIBACKUP" backup --engine sqlite:sales.db -d Sales --to - -q > piped.bak.zst
check 'to standard output' test $? -eq 0
"$VDIBACKUP" restore --engine sqlite:i.db -d I --from - -q < piped.bak.zst
check 'from standard input' test $? -eq 0
check 'through pipes' "$SAMPLE" compare sales.db i.db
status 0 "$VDIBACKUP" backup --engine sqlite:sales.db -d Sales -q \
	--to "exec:cat > '$tmp/command.bak.zst'"
check 'into a command' "$VDIBACKUP" verify command.bak.zst

# Options of the stream and of the transfer.
for options in '--level 1 --threads 1' '--level -5 --frame-size 64KiB' \
	'--block-size 4096 --max-transfer-size 64KiB' \
	'--block-size 65536 --max-transfer-size 4MiB --buffer-count 3' \
	'--no-checksum --threads 3 --level 19'; do
	rm -rf o.store o.db
	# shellcheck disable=SC2086  # the options are split on purpose
	status 0 "$VDIBACKUP" backup --engine sqlite:small.db -d S -S here -n 3 -q \
		--to o.store $options
	status 0 "$VDIBACKUP" verify o.store
	status 0 "$VDIBACKUP" restore --engine sqlite:o.db -d O -q \
		--from "$(only_backup o.store)"
	check "$options: the same" "$SAMPLE" compare small.db o.db
done

# While a writer writes.
mkfifo tell answer
"$SAMPLE" write sales.db < tell > answer &
writer=$!
exec 8> tell 9< answer
read -r word <&9
check 'the writer writes' test "$word" = writing
status 0 "$VDIBACKUP" backup --engine sqlite:sales.db -d Sales -S busy --to busy -n 4 -q
exec 8>&-
read -r made <&9
wait "$writer"
check "the writer made $made" test $? -eq 0
status 0 "$VDIBACKUP" restore --engine sqlite:busy.db -d Sales --from busy -S busy -q \
	--backup latest
check 'a copy of one moment' "$SAMPLE" compare sales.db busy.db

# Odd names.
status 0 "$VDIBACKUP" backup --engine sqlite:small.db -d "O'Brien [a]/b: 100%" \
	-S 'HOST\INST' --to odd --name "it's \"odd\"" -q
odd=$(only_backup odd)
status 0 "$VDIBACKUP" show --json "$odd"
says "O'Brien [a]/b: 100%"
status 0 "$VDIBACKUP" restore --engine sqlite:odd.db -d "O'Brien [a]/b: 100%" --from "$odd" -q
check 'odd names' "$SAMPLE" compare small.db odd.db

# Nothing is kept: for measuring.
status 0 "$VDIBACKUP" backup --engine sqlite:small.db -d S --to null: -q
status 0 "$VDIBACKUP" backup --engine sqlite:small.db -d S --to null: --source-only -q

# Look before you leap.
status 0 "$VDIBACKUP" backup --engine sqlite:small.db -d S -S here --to dry --dry-run
says 'BACKUP DATABASE [S]'
check 'a dry run makes nothing' test ! -e dry

check 'no name is left' shm_is_clean
finish
