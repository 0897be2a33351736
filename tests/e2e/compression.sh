#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: levels, long distance and a limited rate do what the manual says, and
# what they make is read by everyone.
# shellcheck disable=SC2086  # B is split on purpose
. "$top_srcdir/tests/init.sh"

B="$VDIBACKUP backup --engine sqlite:far.db -d Far -S s -q"
size_of_() {
	wc -c < "$1"
}

# What repeats is 5 MiB apart: further than a frame of 4 MiB reaches.
sqlite3 far.db 'create table t(b blob);
	insert into t values(randomblob(5 << 20));
	insert into t select b from t;'
status 0 $B --to near.bak.zst
status 0 $B --to far.bak.zst --long
check 'what repeats far away is stored once' test \
	$((10 * $(size_of_ far.bak.zst))) -lt $((6 * $(size_of_ near.bak.zst)))
status 0 $B --to far-9.bak.zst --long=24 --level 9
check 'with a smaller window, too' test \
	$((10 * $(size_of_ far-9.bak.zst))) -lt $((6 * $(size_of_ near.bak.zst)))
status 0 $B --to cut.bak.zst --long --frame-size 4MiB
check 'but not beyond a frame' test \
	$((10 * $(size_of_ cut.bak.zst))) -gt $((9 * $(size_of_ near.bak.zst)))
status 0 "$VDIBACKUP" verify far.bak.zst
status 0 "$VDIBACKUP" restore --engine sqlite:back.db -d B --from far.bak.zst -q
check 'it is restored without an option' \
	test "$(sqlite3 back.db 'select count(distinct b) || length(b) from t')" = 15242880
check 'zstd reads it without an option' zstd -q -d far.bak.zst -o plain.bak
check 'and with one' zstd -q -d --long=27 far.bak.zst -o long.bak
check 'the same stream' cmp plain.bak long.bak

# A limit holds, also where a frame is worth most of a second, and further down
# where four devices share it.  A busy machine may be slower, but never faster.
limited_() {
	limit_=$1
	shift
	status 0 $B --json --limit-rate "$limit_" "$@"
	tail -n 1 "$out" > result.json
	check "no more than $limit_ a second" test "$(jq \
		".stored_bytes <= 1.05 * $limit_ * .transfer_seconds and
			.stored_bytes > 2 * $limit_ / 3" result.json)" = true
}
limited_ 8000000 --to limited.bak.zst
check 'its frames are whole' "$VDIBACKUP" verify -q limited.bak.zst
check 'a level that was given stays' test "$(jq -c .level result.json)" = \
	'{"auto":false,"min":3,"max":3,"lowest":3,"highest":3,"last":3,"mean":3}'

# A level that follows: up to its bound where the sink is slow, and not up where
# one thread is to keep up with a fast server.
"$SAMPLE" make sales.db 12MiB delete > /dev/null
B="$VDIBACKUP backup --engine sqlite:sales.db -d S -S s -q --frame-size 64KiB
	--max-transfer-size 64KiB"
limited_ 3000000 --to st -n 4 --level auto:1..6
check 'a slow sink raises the level' test "$(jq '.level |
	.auto and .min == 1 and .max == 6 and .highest == 6 and .last == 6 and
	.mean > 3 and .mean < 6' result.json)" = true
check 'the manifest has it, too' test "$(jq '.compression |
	.level > 3 and .auto.min == 1 and .auto.max == 6 and
	.auto.highest == 6' "$(only_backup st)/manifest.json")" = true
status 0 "$VDIBACKUP" verify -q st
status 0 $B --json --to null: --threads 1 --level auto:9..19
check 'a fast server does not' test "$(tail -n 1 "$out" |
	jq '.level | .highest == 9 and .mean == 9')" = true
status 0 ${B%% -q*} --to text.bak.zst --level auto:-5..-2
says '-2 at last (auto:-5..-2)'

# What a backup may take is told before.
B="$VDIBACKUP backup --engine sqlite:far.db -d Far -S s --to st --threads 2"
status 0 $B --dry-run
says '-- memory: '
status 0 $B --dry-run --json
small=$(tail -n 1 "$out" | jq .memory_bound)
status 0 $B --dry-run --json --long
check 'a long distance takes more' test \
	"$(tail -n 1 "$out" | jq ".memory_bound > 640 * 1048576 and
		$small < 90 * 1048576 and $small > 40 * 1048576")" = true

# The levels that need a word more.
"$SAMPLE" make small.db 1 delete > /dev/null
status 2 "$VDIBACKUP" backup --engine sqlite:small.db -d S --to u.bak.zst -l 22
says "'--ultra'"
status 0 "$VDIBACKUP" backup --engine sqlite:small.db -d S --to u.bak.zst -l 22 \
	--ultra -q
status 0 "$VDIBACKUP" restore --engine sqlite:u.db -d U --from u.bak.zst -q
check 'ultra is restored' "$SAMPLE" compare small.db u.db
finish
