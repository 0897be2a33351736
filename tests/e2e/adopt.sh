#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: what a killed or failed job leaves after its manifest was durable can
# be made a backup, if it is whole, and never otherwise, nor while its job is
# still at work.
# shellcheck disable=SC2086  # B is split on purpose
. "$top_srcdir/tests/init.sh"

"$SAMPLE" make a.db 2MiB delete >/dev/null
B="backup --engine sqlite:$tmp/a.db -d A -S s -n 2"

# The only partial folder below store $1.
leftover() {
	find "$1" -type d -name '*.partial'
}
# Everything below $1 with its content, in a form to compare.
picture() {
	find "$1" | sort
	find "$1" -type f -exec sha256sum {} + | sort
}

within 20 "$VDIBACKUP" $B --to st --inject kill,at=commit > "$out" 2> "$err"
says 'fired'
check 'the peer ends' until_true 3 no_engine
left=$(leftover st)
final=${left%.partial}
check 'the killed job leaves one folder' test -d "$left"
check 'which is no backup' no_backup_below st
status 0 "$VDIBACKUP" list st
check 'list calls it adoptable' grep -q '^adoptable .*partial$' "$out"
status 9 "$VDIBACKUP" verify "$left"
says "'vdibackup adopt $left' makes a backup of it if it is whole"
cp -R st copy
# The kernel dropped the lock; whoever is next removes its file.
rm copy/s/A/.lock

# ---- whole ----
status 0 "$VDIBACKUP" adopt "$left/"
check 'standard output is for data' test ! -s "$out"
check 'the summary names the database' \
	grep -q '^vdibackup: adopt done: "A" (full)$' "$err"
check 'and the place' grep -q "^  where  *$final\$" "$err"
says 'what it said of this backup is not on record'
check 'the partial name is gone' test ! -e "$left"
check 'no lock is left' test ! -e st/s/A/.lock
status 0 "$VDIBACKUP" list st
check 'list calls it complete' grep -q '^complete .*-full$' "$out"
status 0 "$VDIBACKUP" verify -q "$final"
check 'its sums are right' sh -c "cd '$final' && sha256sum -c --status SHA256SUMS"
status 0 "$VDIBACKUP" restore --engine "sqlite:$tmp/r.db" -d R -S s --from "$final" -q
check 'what comes back is what was there' "$SAMPLE" compare a.db r.db
status 3 "$VDIBACKUP" adopt "$left"
says 'is a complete backup already'
status 3 "$VDIBACKUP" adopt "$final"
says 'is a complete backup already'
status 0 "$VDIBACKUP" verify -q "$final"

# ---- for programs; by a name without a slash ----
name=$(basename "$left")
cp -R copy js
status 0 sh -c "cd js/s/A && exec '$VDIBACKUP' adopt --json '$name'"
tail -n 1 "$out" > last
for member in '"event":"result","command":"adopt","status":"done","exit_code":0' \
	"\"path\":\"${name%.partial}\"" '"good":true' '"drill":false'; do
	check "the result has $member" grep -q -F -e "$member" last
done
check 'the adopted one is whole' "$VDIBACKUP" verify -q js
cp -R copy quiet
status 0 "$VDIBACKUP" adopt -q "quiet/s/A/$name"
check '-q is silent' test ! -s "$out" -a ! -s "$err"

# ---- not whole ----
# Turn over the lowest bit of byte $2 of file $1.
flip() {
	byte_=$(od -An -tu1 -j "$2" -N 1 "$1")
	printf '%b' "\\0$(printf '%o' $((byte_ ^ 1)))" |
		dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
# refused STATUS WHY: bad/ is not adopted and stays as it is.
refused() {
	picture bad > before
	status "$1" "$VDIBACKUP" adopt "bad/s/A/$name"
	says "$2"
	picture bad > after
	check 'nothing changed' cmp before after
	rm -rf bad
}
spoiled() {
	rm -rf bad
	cp -R copy bad
	cd "bad/s/A/$name" || exit 1
	"$@"
	cd "$tmp" || exit 1
}
one=stripe-1of2.bak.zst
two=stripe-2of2.bak.zst
size=$(wc -c < "copy/s/A/$name/$two")
for at in 0 40 $((size / 2)) $((size - 20)) $((size - 1)); do
	spoiled flip "$two" "$at"
	refused 9 "$two"
done
spoiled rm "$one"
refused 9 'stripe 1 of 2'
spoiled truncate -s $((size - 1)) "$two"
refused 9 'stripe 2 of 2'
spoiled cp "$one" "$two"
refused 9 "$two"
spoiled flip manifest.json 10
refused 9 manifest
spoiled truncate -s 100 manifest.json
refused 9 manifest
spoiled sh -c 'rm SHA256SUMS && truncate -s 100 manifest.json'
refused 9 manifest
spoiled truncate -s 0 manifest.json
refused 9 manifest
spoiled rm manifest.json
refused 9 'it is not a finished backup'
spoiled rm "$one" "$two" manifest.json SHA256SUMS
refused 9 'it is not a finished backup'
# A manifest that agrees with a stripe that is none.
spoiled sh -c "head -c $size /dev/urandom > $two
	sum=\$(sha256sum < $two | cut -d ' ' -f 1)
	old=\$(sed -n 's/  $two//p' SHA256SUMS)
	sed \"s/\$old/\$sum/\" manifest.json > m && mv m manifest.json
	rm SHA256SUMS"
refused 9 "$two"

# ---- not free, or nothing to adopt ----
spoiled cp -R . "../${name%.partial}"
refused 8 'is there already'
spoiled true
mv "bad/s/A/$name" elsewhere
ln -s "$tmp/elsewhere" "bad/s/A/$name"
refused 2 'is a link'
spoiled true
mv "bad/s/A/$name" "bad/s/A/${name%.partial}.expired"
status 9 "$VDIBACKUP" adopt "bad/s/A/${name%.partial}.expired"
says 'what is left of a removed backup'
status 8 "$VDIBACKUP" adopt "bad/s/A/$name"
says 'No such file'
status 8 "$VDIBACKUP" adopt "nowhere/$name"
says 'No such file'
check 'no folder was made' test ! -e nowhere
status 2 "$VDIBACKUP" adopt copy
says 'is not the name of a backup'
status 2 "$VDIBACKUP" adopt one.bak.zst.partial
status 2 "$VDIBACKUP" adopt
says "'adopt' takes one folder"
status 2 "$VDIBACKUP" adopt copy copy
status 2 "$VDIBACKUP" adopt ''

# ---- its job is still at work ----
# The job stands still just before it renames the folder: all is there.
"$VDIBACKUP" $B --to busy --inject stall=3600,at=commit > job.out 2> job.err &
job=$!
check 'the job gets to its end' until_true 20 grep -q fired job.err
left=$(leftover busy)
picture busy > before
status 10 "$VDIBACKUP" adopt "$left"
says 'a backup'
picture busy > after
check 'nothing changed' cmp before after
"$VDIBACKUP" adopt --lock-wait 60s "$left" > "$out" 2> "$err" &
waiting=$!
kill -TERM "$job"
wait "$job"
check 'the job ends by the signal' test $? -eq 143
check 'it says what it left' grep -q "^  left behind *$left\$" job.err
check 'and what can be made of it' grep -q -F \
	"'vdibackup adopt $left' makes a backup of it if it is whole" job.err
wait "$waiting"
check 'whoever waited adopts it' test $? -eq 0
check 'and it is whole' "$VDIBACKUP" verify -q busy

# ---- a failure that leaves nothing to adopt does not speak of it ----
status 6 "$VDIBACKUP" $B --to early --inject abort,at=transfer
check 'no word of adopt' test -z "$(grep adopt "$err")"

# ---- a drill stays a drill ----
within 30 "$VDIBACKUP" $B --to drill --inject stall=1,device=1 \
	--inject kill,at=commit > "$out" 2> "$err"
left=$(leftover drill)
status 0 "$VDIBACKUP" list drill
says '(a fault drill)'
status 0 "$VDIBACKUP" adopt "$left"
says 'made in a fault drill'
status 0 "$VDIBACKUP" list drill
check 'list still tells' grep -q '^complete .*(a fault drill)$' "$out"
status 2 "$VDIBACKUP" restore --engine "sqlite:$tmp/d.db" -d D -S s --from drill
check 'it is nobody'"'"'s latest backup' test ! -e d.db
check 'nothing in shared memory' shm_is_clean
finish
