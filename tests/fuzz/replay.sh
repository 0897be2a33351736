#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every fuzz target holds on its corpus: on the inputs of tests/fuzz/corpus, on
# those that our own writers make now, and on real backups where they are at
# hand (VDIBACKUP_BAK_DIR).  One check for each input.
. "${top_srcdir:?}/tests/init.sh"
: "${FUZZ_TARGETS:?run this from make check}"
corpus=$top_srcdir/tests/fuzz/corpus

real=${VDIBACKUP_BAK_DIR:-$top_srcdir/../shared/data/bak}

# What a target runs on: its own inputs, made ones, small real ones.
list_inputs() {
	{
		find "$corpus/$1" "$tmp/seeds/$1" -type f
		test "$1" != mtf || find "$real" -type f -size -170 \
			'(' -name '*.bak' -o -name '*.trn' ')'
	} 2>/dev/null | LC_ALL=C sort
}

# Each input by itself, to find out which of them it is.
name_culprits() {
	while read -r input; do
		check "$1 on ${input##*/}" within 60 \
			"$top_builddir/tests/bin/fuzz-$1" "$input"
	done < inputs
}

check 'the writers make seeds' \
	"$top_builddir/tests/bin/fuzz-seeds" "$tmp/seeds"
for target in $FUZZ_TARGETS; do
	list_inputs "$target" > inputs
	# All at once: starting a program takes longer than an input.
	if tr '\n' '\0' < inputs | within 120 xargs -0 \
	    "$top_builddir/tests/bin/fuzz-$target" > "$out" 2> "$err" &&
	    test -s inputs; then
		passed=$((passed + $(wc -l < inputs)))
		echo "ok - $target on $(wc -l < inputs) inputs"
	else
		tail -n 40 "$err"
		name_culprits "$target"
		check "$target has inputs that hold together" false
	fi
done
finish
