#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: what has no tape format goes through all of it as well: recordings come
# back byte by byte, synthetic data are known again, what is damaged or cut off
# by force leaves no file.
. "$top_srcdir/tests/init.sh"

real=${VDIBACKUP_BAK_DIR:-$top_srcdir/../shared/data/bak}
real=$(cd "$real" 2>/dev/null && pwd)
store() {
	rm -rf st
	status 0 "$VDIBACKUP" backup -d D -S s --to st "$@"
	folder=$(only_backup st)
}
back() {
	rm -f new*
	status 0 "$VDIBACKUP" restore -d D "$@"
}
nothing_new() {
	test -z "$(ls -d new* 2>/dev/null)"
}

# Streams of no format at all, the second one shorter than any block.
"$SAMPLE" make a.db 3MiB delete > /dev/null
cp a.db 'comma,percent%name'
printf 'a few bytes' > 'white space'
: > empty
paths='comma%2Cpercent%25name,white space,empty'
store --engine "replay:$paths" -n 3 --max-transfer-size 64KiB
says 'the manifest goes without LSNs and times of the stream'
status 0 "$VDIBACKUP" verify "$folder"
says 'was not looked at'
status 0 "$VDIBACKUP" list st
back --engine 'replay:new%2C1,new 2,new3' "$folder"
check 'the first is the same' cmp a.db new,1
check 'the second is the same' cmp 'white space' 'new 2'
check 'the third is the same' cmp empty new3
check 'no more is left' test "$(find . -name 'new*' | wc -l)" -eq 3
status 1 "$VDIBACKUP" restore -d D --engine 'replay:new%2C1,new 2,new3' \
	"$folder"
says '3159'
status 0 "$VDIBACKUP" restore -d D --engine 'replay:new%2C1,new 2,new3' \
	--replace "$folder"
status 1 "$VDIBACKUP" restore -d D --engine 'replay:newer' "$folder"
says '3231'
status 0 "$VDIBACKUP" restore -d D --engine 'replay:x,y,z' --verify-only \
	"$folder"
check 'what is only read is not written' test ! -e x

# A file has no manifest, and its stripe knows enough.
status 0 "$VDIBACKUP" backup -d D --engine replay:a.db --to f.bak.zst -q
status 0 "$VDIBACKUP" verify f.bak.zst
says 'was not looked at'
back --engine replay:new f.bak.zst
check 'a file brings it back' cmp a.db new

# What stands where the tape format has its block size is none.
yes 'hello world' | head -c 100000 > words
status 0 "$VDIBACKUP" backup -d D --engine replay:words --to w.bak.zst -q
back --engine replay:new w.bak.zst
check 'words come back' cmp words new

# Damage: of a stripe, and of what is no stripe of ours.
rm -f new
stripe=$folder/stripe-1of3.bak.zst
printf 'X' | dd of="$stripe" bs=1 seek=100000 conv=notrunc 2>/dev/null
status 9 "$VDIBACKUP" verify "$folder"
status 9 "$VDIBACKUP" restore -d D --engine 'replay:new1,new2,new3' "$folder"
check 'a damaged stripe leaves no file' nothing_new
printf 'X' | dd of=f.bak.zst bs=1 seek=100000 conv=notrunc 2>/dev/null
status 9 "$VDIBACKUP" verify f.bak.zst
status 9 "$VDIBACKUP" verify a.db

# The server dies, the client dies, the statement is cancelled.
store --engine replay:a.db,a.db -n 2 --max-transfer-size 64KiB -q
for drill in '1 --engine-inject kill,command=5' '137 --inject kill,command=5' \
	'1 --engine-inject sink-full,command=5,device=2' \
	'1 --engine-inject kill,at=close' '9 --inject corrupt,device=2' \
	'7 --engine-inject drop,command=3 --stall-timeout 1s'; do
	# shellcheck disable=SC2086  # options, divided by blanks
	status ${drill%% *} "$VDIBACKUP" restore -d D \
		--engine "replay:$tmp/new1,$tmp/new2" ${drill#* } "$folder"
	check 'the engine has ended' until_true 5 no_engine
	check 'no half file' test ! -e new1 -a ! -e new2
done
back --engine replay:new1,new2 "$folder"
check 'the next restore works' cmp a.db new2
check 'and takes away what was left' \
	test "$(find . -name '*.restoring' | wc -l)" -eq 0

# Real ones, which have the tape format, and one that has not.
if test -n "$real" && test -e "$real/2008r2-RestoreTimeStripe1.bak"; then
	first=$real/2008r2-RestoreTimeStripe.bak
	second=$real/2008r2-RestoreTimeStripe1.bak
	store --engine "replay:$first,$second" -n 2
	status 0 "$VDIBACKUP" verify "$folder"
	check 'a real one has pages' grep -q '192 pages' "$out" "$err"
	status 0 "$VDIBACKUP" show "$folder"
	says 'full backup of "RestoreTimeStripe"'
	back --engine replay:new1,new2 "$folder"
	check 'a real stripe comes back' cmp "$first" new1
	check 'the other one, too' cmp "$second" new2
	store --engine "replay:$real/2008r2-StopAt_1.trn" -t log
	back --engine replay:new "$folder"
	check 'a real log comes back' cmp "$real/2008r2-StopAt_1.trn" new
	store --engine "replay:$real/2016-compressed-TutorialDB.bak"
	status 0 "$VDIBACKUP" verify "$folder"
	says 'a compressed SQL Server backup'
else
	skip 'real backups: there are none here'
fi

# Made up.
status 0 "$VDIBACKUP" backup -d D --engine synthetic:40MiB --to null: -n 3
store --engine synthetic:20000001,ratio=4.5,seed=7 -n 4
status 0 "$VDIBACKUP" verify "$folder"
status 0 "$VDIBACKUP" restore -d D \
	--engine synthetic:20000001,ratio=4.5,seed=7 "$folder" --checksum
says 'restore done'
status 0 "$VDIBACKUP" restore -d D --verify-only \
	--engine synthetic:20000001,ratio=4.5,seed=7 "$folder"
status 1 "$VDIBACKUP" restore -d D \
	--engine synthetic:20000001,ratio=4.5,seed=8 "$folder"
says '3183'
status 1 "$VDIBACKUP" restore -d D \
	--engine synthetic:20000000,ratio=4.5,seed=7 "$folder"
says '3189'
status 1 "$VDIBACKUP" restore -d D -n 2 \
	--engine synthetic:20000001,ratio=4.5,seed=7 "$folder"
says 'removable'

# What is wrong with it is told before anything is done.
rm -rf st
for place in synthetic:0 synthetic:many synthetic:1MiB,ratio=0.5 \
	synthetic:1MiB,ratio=21 synthetic:1MiB,seed=x synthetic:1MiB,x=1 \
	synthetic: replay: replay:a,,b replay:100% tape:a; do
	status 2 "$VDIBACKUP" backup -d D -S s --to st --engine "$place"
	says "'--engine' cannot be"
done
check 'nothing was done' test ! -e st
status 2 "$VDI_ENGINE" --synthetic D=1MiB,ratio=0 --execute x
says 'not a ratio'
status 2 "$VDI_ENGINE" --replay D=a% --execute x
says '%25'
check 'nothing in shared memory' shm_is_clean
finish
