#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: bad input gets a clear sentence and the right status; nothing is lost,
# nothing half-written looks whole.
. "$top_srcdir/tests/init.sh"

"$SAMPLE" make a.db 2MiB delete >/dev/null
"$SAMPLE" make b.db 1 delete >/dev/null
cat > backup_a << END
#!/bin/sh
exec "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s -q "\$@"
END
chmod +x backup_a
PATH=$tmp:$PATH

# ---- the source ----
status 1 "$VDIBACKUP" backup --engine sqlite:missing.db -d A -S s --to st
says 'missing.db'
check 'nothing looks like a backup' no_backup_below st
head -c 100000 /dev/urandom > random.db
status 1 "$VDIBACKUP" backup --engine sqlite:random.db -d A -S s --to st
says 'not a database'
head -c 20000 a.db > cut.db
status 1 "$VDIBACKUP" backup --engine sqlite:cut.db -d A -S s --to st
mkdir folder.db
status 1 "$VDIBACKUP" backup --engine sqlite:folder.db -d A -S s --to st
# A file of no bytes is an empty database to SQLite.
: > empty.db
status 0 "$VDIBACKUP" backup --engine sqlite:empty.db -d Empty -S s --to nothing -q
status 0 "$VDIBACKUP" restore --engine sqlite:none.db -d Empty -S s --from nothing -q
check 'an empty database comes back empty' test -e none.db -a ! -s none.db
if test "$(id -u)" -ne 0; then
	cp a.db unreadable.db
	chmod 0 unreadable.db
	status 1 "$VDIBACKUP" backup --engine sqlite:unreadable.db -d A -S s --to st
else
	skip 'an unreadable database: root reads everything'
fi
check 'nothing looks like a backup' no_backup_below st
status 1 "$VDIBACKUP" backup --engine sqlite:a.db -d A -S s --to st --type log
says 'log'
status 1 "$VDIBACKUP" backup --engine sqlite:a.db -d A -S s --to st --type diff
status 2 "$VDIBACKUP" backup --engine oracle:a.db -d A -S s --to st
says 'sqlite:'
check 'no partial folder of a refused statement' \
	test -z "$(find st -name '*.partial' 2>/dev/null)"

# ---- the target ----
status 0 backup_a --to one.bak.zst
cp one.bak.zst keep
status 8 backup_a --to one.bak.zst
says 'one.bak.zst'
check 'the file that was there is untouched' cmp one.bak.zst keep
: > plainfile
status 8 backup_a --to plainfile/store
status 8 backup_a --to /proc/store
if test "$(id -u)" -eq 0 && mkdir small && mount -t tmpfs -o size=1m tmpfs small 2>/dev/null; then
	mounts=$tmp/small
	for devices in 1 3; do
		status 8 backup_a --to small/store -n "$devices" --level -7
		says 'No space left'
		check 'full: nothing looks like a backup' no_backup_below small
		rm -rf small/store
	done
	status 8 backup_a --to small/one.bak.zst --level -7
	check 'full: no file under the final name' test ! -e small/one.bak.zst
	umount small && mounts=
else
	skip 'a full file system: needs root and tmpfs'
fi
status 8 sh -c '"$0" backup --engine sqlite:a.db -d A -S s -q --to - > /dev/full' "$VDIBACKUP"
says 'No space left'
status 8 backup_a --to 'exec:cat > /dev/null; exit 3'
says '3'
status 8 backup_a --to 'exec:exit 0'
# The target vanishes while the server stands still.
"$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s --to vanishing -n 2 \
	--engine-inject stall=2,command=2 > "$out" 2> "$err" &
job=$!
until_true 10 grep -q fired "$err" || fail_ 'the stall did not fire'
rm -rf vanishing
wait "$job"
got_=$?
check "a target that vanishes (status $got_)" test "$got_" -eq 8
says 'No such file'
check 'nothing looks like a backup' test ! -e vanishing
check 'nothing in shared memory' shm_is_clean

# ---- what is stored ----
status 0 backup_a --to good -n 3
good=$(only_backup good)
status 0 "$VDIBACKUP" backup --engine sqlite:b.db -d B -S s -q --to good -n 3
other=$(find good/s/B -name manifest.json -exec dirname {} \;)

# spoil NAME COMMAND...: a copy of the good backup, changed; verify and restore
# must refuse it, and the target of the restore must not come into being.
spoil() {
	what=$1
	shift
	rm -rf bad
	mkdir bad
	cp -r "$good" bad/20260101T000000Z-full
	(cd bad/20260101T000000Z-full && "$@") || fail_ "cannot spoil: $what"
	status 9 "$VDIBACKUP" verify bad/20260101T000000Z-full
	rm -f target.db
	"$VDIBACKUP" restore --engine sqlite:target.db -d T -q \
		--from bad/20260101T000000Z-full > "$out" 2> "$err"
	got_=$?
	check "$what: restore says no (status $got_)" test "$got_" -eq 9 -o "$got_" -eq 1
	check "$what: nothing was restored" test ! -e target.db
	check "$what: a reason is given" test -s "$err"
}
flip() {
	# One bit of the byte at offset $2 of file $1.
	byte_=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
	# shellcheck disable=SC2059  # the octal escape is the format
	printf "\\$(printf %o $((byte_ ^ 4)))" |
		dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
s2=stripe-2of3.bak.zst
size=$(stat -c %s "$good/$s2")
spoil 'a stripe is missing' rm "$s2"
spoil 'a stripe is empty' truncate -s 0 "$s2"
spoil 'a stripe is cut' truncate -s $((size / 2)) "$s2"
spoil 'a stripe lacks its last byte' truncate -s $((size - 1)) "$s2"
spoil 'a byte is added' sh -c "printf x >> $s2"
spoil 'a bit is flipped in the middle' flip "$s2" $((size / 2))
spoil 'a bit is flipped at the end' flip "$s2" $((size - 4))
spoil 'a bit is flipped at the start' flip "$s2" 20
spoil 'not zstd at all' sh -c "head -c $size /dev/urandom > $s2"
spoil 'two stripes are swapped' sh -c "mv $s2 x && mv stripe-1of3.bak.zst $s2 && mv x stripe-1of3.bak.zst"
spoil "another backup's stripe" cp "$tmp/$other/$s2" "$s2"
spoil 'the manifest is cut' truncate -s 300 manifest.json
spoil 'the manifest is empty' truncate -s 0 manifest.json
spoil 'the manifest is no JSON' sh -c 'echo hello > manifest.json'
spoil 'the manifest has another version' sed -i 's/"schema": *[0-9]*/"schema": 99/' manifest.json
spoil 'the manifest has a wrong type' sed -i 's/"database": *"A"/"database": 7/' manifest.json
spoil 'the manifest is missing' rm manifest.json

# Stripes by name.
status 9 "$VDIBACKUP" verify "$good/stripe-1of3.bak.zst" "$good/$s2" "$other/stripe-3of3.bak.zst"
status 9 "$VDIBACKUP" restore --engine sqlite:t.db -d T -q \
	--from "$good/stripe-1of3.bak.zst" --from "$good/$s2"
says '3'
check 'nothing was restored' test ! -e t.db
status 8 "$VDIBACKUP" verify nowhere
status 8 "$VDIBACKUP" show nowhere
status 9 "$VDIBACKUP" show random.db
status 9 "$VDIBACKUP" verify random.db

# ---- a stream that is no SQL Server's ----
status 0 "$VDIBACKUP" backup --engine synthetic:1MiB -d A -S s --to made-up -q
status 0 "$VDIBACKUP" verify made-up
says 'not a SQL Server backup'
made=$(only_backup made-up)/stripe-1of1.bak.zst
flip "$made" $(($(stat -c %s "$made") / 2))
status 9 "$VDIBACKUP" verify made-up

# ---- the target of a restore ----
cp b.db existing.db
status 1 "$VDIBACKUP" restore --engine sqlite:existing.db -d A -q --from "$good"
says 'replace'
check 'the existing database is untouched' cmp existing.db b.db
status 0 "$VDIBACKUP" restore --engine sqlite:existing.db -d A -q --from "$good" --replace
check 'replaced when told to' "$SAMPLE" compare a.db existing.db
cp b.db existing.db
rm -rf bad && mkdir bad && cp -r "$good" bad/20260101T000000Z-full
flip "bad/20260101T000000Z-full/$s2" $((size / 2))
status 9 "$VDIBACKUP" restore --engine sqlite:existing.db -d A -q --replace \
	--from bad/20260101T000000Z-full
check 'a failed replace leaves the old database' cmp existing.db b.db
check 'no temporary is left' test -z "$(find . -maxdepth 1 -name 'existing.db?*')"
status 1 "$VDIBACKUP" restore --engine sqlite:no/such/folder/t.db -d T -q --from "$good"
mkdir empty
status 2 "$VDIBACKUP" restore --engine sqlite:t.db -d T -q --from empty
check 'nothing in shared memory' shm_is_clean
finish
