#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fuzz each target for FUZZ_SECONDS, one after another: make check-fuzz.
#
# Starts from tests/fuzz/corpus, from what our own writers make, from small
# real backups where they are at hand (VDIBACKUP_BAK_DIR), and from what earlier
# runs found, which fuzz-corpus keeps.  What a target fails on is put into
# fuzz-found.  Says how many edges each reached, and how fast.
. "${top_srcdir:?}/tests/init.sh"
: "${FUZZ_TARGETS:?run this from make check-fuzz}" "${FUZZ_SECONDS:?}"
ASAN_OPTIONS=${ASAN_OPTIONS:-}
TMPDIR=${TMPDIR:-/tmp}
corpus=$top_srcdir/tests/fuzz/corpus
kept=$top_builddir/fuzz-corpus
found=$top_builddir/fuzz-found

# The words of a language: what stands in quotes in its parser.
words() {
	(cd "$top_srcdir/src" && grep -h -o -E '"[^"\\%]{1,40}"' "$@") |
		grep -v '\.h"$' | LC_ALL=C sort -u
}

print_dictionary() {
	# An empty one is refused.
	printf '"\\x00"\n'
	case $1 in
	argv)
		sed -n 's/^OPTION([A-Z_]*, "\([a-z-]*\)".*/"--\1"/p' \
			"$top_srcdir/src/cli/option.def"
		words cli/common.c base/fault.c
		;;
	engine_argv)
		sed -n 's/^\t{ "\([a-z-]*\)", .*/"--\1"/p' \
			"$top_srcdir/src/engine/options.c"
		words engine/options.c base/fault.c
		;;
	fault) words base/fault.c ;;
	line) words sql/engine_line.c ;;
	manifest) words store/manifest_json_decode.c store/manifest.c ;;
	mtf | restore)
		sed -n "s/.*MTF_TAG('\(.\)', '\(.\)', '\(.\)', '\(.\)').*/\"\1\2\3\4\"/p" \
			"$top_srcdir/src/mtf/format.h"
		;;
	names) words store/path.c ;;
	statement) words engine/tsql.c engine/tsql_option.c sql/with.c ;;
	sums) printf '"  manifest.json"\n"\\x0a"\n"$"\n' ;;
	tsql) words engine/tsql.c engine/tsql_option.c ;;
	values) words base/num.c store/path.c store/manifest.c ;;
	esac
}

# What a backup's stream is made of does not fit into libFuzzer's 4 KiB.
longest() {
	case $1 in
	mtf | restore) echo 170000 ;;
	wal) echo 10000 ;;
	engine | pump | shm_*) echo 600 ;;
	*) echo 4096 ;;
	esac
}

# Large ones take a fuzzer longer than they are worth.
seed_real() {
	real=${VDIBACKUP_BAK_DIR:-$top_srcdir/../shared/data/bak}
	test -d "$real" || return 0
	find "$real" -type f '(' -name '*.bak' -o -name '*.trn' ')' \
		-size -170 -exec cp {} "$tmp/seeds/mtf" ';'
}

fuzz() {
	mkdir -p "$kept/$1" "$found/$1" "$tmp/seeds/$1"
	print_dictionary "$1" > dictionary
	inputs="$kept/$1 $tmp/seeds/$1"
	test ! -d "$corpus/$1" || inputs="$inputs $corpus/$1"
	# shellcheck disable=SC2086  # three folders, and no blank in them
	nice "$top_builddir/tests/bin/fuzz-$1" \
		-max_total_time="$FUZZ_SECONDS" -max_len="$(longest "$1")" \
		-timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
		-dict=dictionary -artifact_prefix="$found/$1/" $inputs \
		> "$out" 2>&1 < /dev/null
}

# "1234 edges, 5678 runs a second"
reached() {
	edges=$(sed -n 's/.*DONE *cov: \([0-9]*\) .*/\1/p' "$out")
	speed=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$out")
	echo "${edges:-?} edges, ${speed:-?} runs a second"
}

# What makes a fuzzer's memory grow is forgotten early.
ASAN_OPTIONS=quarantine_size_mb=32:malloc_context_size=8:$ASAN_OPTIONS
export ASAN_OPTIONS
SANITIZERS=no
# Files that are written for every input are best in memory.
test ! -w /dev/shm || TMPDIR=/dev/shm
export TMPDIR
"$top_builddir/tests/bin/fuzz-seeds" "$tmp/seeds" || exit 1
seed_real
for target in $FUZZ_TARGETS; do
	if fuzz "$target"; then
		pass_ "$target: $(reached)"
	else
		fail_ "$target: $(ls "$found/$target")"
		tail -n 60 "$out"
	fi
done
finish
