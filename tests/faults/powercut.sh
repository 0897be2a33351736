#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: wherever the power fails, what has a backup's name is one, what was
# reported as done is there, and what the server took for a backup is not lost.
#
# Each run is recorded, and replayed with a loss of power after every step of
# it (record.h, replay.c).  FAULTS=all tries more of what a disk may look like.
# shellcheck disable=SC2086  # words to split
. "$top_srcdir/tests/init.sh"
. "$top_srcdir/tests/faults/common.sh"

"$SAMPLE" make a.db 64KiB delete > /dev/null
small='--max-transfer-size 64KiB --frame-size 64KiB -q'
thorough=
test "${FAULTS:-}" != all || thorough=-t
mkdir disk scratch

# recorded PROGRAM...: run, and add to the log.
recorded() {
	env LD_PRELOAD="$preload" FAULT_BELOW="$tmp/disk" \
		FAULT_RECORD="$tmp/log" "$@" > "$out" 2> "$err" < /dev/null
}
# done_is PATH: the run before has reported success for it.
done_is() {
	printf 'mark\tdone\t%s\n' "${1#"$tmp/disk/"}" >> log
}
replay() {
	"$top_builddir/tests/bin/replay" $thorough "$@" "$VDIBACKUP" log \
		"$tmp/disk" scratch > "$out" 2> "$err"
}
# survives WHAT: whatever the power does.
survives() {
	if replay; then
		pass_ "$1: $(cat "$out")"
	else
		fail_ "$1"
		show_ | head -n 40
	fi
	rm -f log
	rm -rf scratch/image
}
# is_caught WHAT: the replayer must find fault with it.
is_caught() {
	replay -f
	got_=$?
	check "$1 is caught: $(tail -n 1 "$out")" test $got_ -eq 1
	rm -f log
	rm -rf scratch/image
}
backup() {
	recorded "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s \
		$small "$@"
}
newest() {
	only_backup disk/st | sort | tail -n 1
}

# The first backup of a store; all folders are new.
check 'a backup' backup --to "$tmp/disk/st" -n 2
done_is "$tmp/$(newest)"
survives 'the first backup of a store'

# The next beside it.
check 'a backup' backup --to "$tmp/disk/st" -n 1
done_is "$tmp/$(newest)"
survives 'the next backup'

# A run that could not sync a folder which it had made; the next one, which
# finds it there, must not trust in it.
folders=2
test -z "$thorough" || folders='1 2 3'
for n in $folders; do
	rm -rf disk
	mkdir disk
	FAULT_NTH="sync:EIO:$n" backup --to "$tmp/disk/st" -n 1
	check "a sync fails, the run too ($n)" test $? -eq 8
	check 'the next run works' backup --to "$tmp/disk/st" -n 1
	done_is "$tmp/$(newest)"
	survives "folders that an earlier run made ($n)"
done

# What is left of a killed job is adopted.
rm -rf disk
mkdir disk
"$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s $small \
	--to "$tmp/disk/st" -n 2 --inject kill,at=commit > "$out" 2>&1
until_true 5 no_engine
left=$(find "$tmp/disk" -name '*.partial')
check 'it is adopted' recorded "$VDIBACKUP" adopt -q "$left"
done_is "${left%.partial}"
survives 'an adoption'

# Without the sums, which the adoption has to make.
mv "${left%.partial}" "$left"
rm "$left/SHA256SUMS"
check 'it is adopted' recorded "$VDIBACKUP" adopt -q "$left"
done_is "${left%.partial}"
survives 'an adoption that makes the sums'

# A single file.
rm -rf disk
mkdir disk
check 'a file' backup --to "$tmp/disk/x.bak.zst"
done_is "$tmp/disk/x.bak.zst"
survives 'a backup in a file'
check 'a file in new folders' backup --to "$tmp/disk/a/b/y.bak.zst"
done_is "$tmp/disk/a/b/y.bak.zst"
survives 'a backup in a file in new folders'

# A program that does not sync must be found out.
for ignored in sync folders; do
	rm -rf disk
	mkdir disk
	FAULT_IGNORE=$ignored backup --to "$tmp/disk/st" -n 1
	done_is "$tmp/$(newest)"
	is_caught "a backup without its syncs ($ignored)"
	FAULT_IGNORE=$ignored backup --to "$tmp/disk/x.bak.zst"
	done_is "$tmp/disk/x.bak.zst"
	is_caught "a file without its syncs ($ignored)"
done
finish
