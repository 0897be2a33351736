#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: a command line that is wrong is refused before anything is done, with
# status 2, one line that names what is wrong and one that says what to do;
# and what is printed arrives, or the status says that it did not.
. "$top_srcdir/tests/init.sh"

# usage TEXT WORD...: refused; standard error is two lines, the first with our
# name and TEXT, and standard output is empty.
usage() {
	text_=$1
	shift
	run_ "$VDIBACKUP" "$@"
	got_=$?
	if test "$got_" -eq 2 && test ! -s "$out" &&
	    test "$(wc -l < "$err")" -eq 2 &&
	    sed -n 1p "$err" | grep -F -e "$text_" | grep -q '^vdibackup: '; then
		pass_ "refused: $*"
	else
		fail_ "status $got_, or not the right words: $*"
		show_
	fi
}
tries() {
	check "the hint is: $1" grep -F -x -q "$1" "$err"
}

# ---- without a command ----
status 2 "$VDIBACKUP"
check 'a short usage' grep -q '^usage: vdibackup COMMAND' "$err"
check 'and nothing on standard output' test ! -s "$out"
usage "there is no command 'bakup'; did you mean 'backup'?" bakup
tries "try 'vdibackup --help'"
usage "there is no command 'frobnicate'" frobnicate
usage "'--level' stands where a command belongs" --level 3 backup
usage "there is no command ''" ''
usage "there is no command 'bakup'" help bakup

# ---- help and version ----
for words in --help -h help 'help backup' 'help restore' 'help verify' \
	'help show' 'help cat' 'backup --help' 'restore -h' 'verify --help' \
	'show --help' 'cat --help' 'list --help' --version -V 'backup --version'; do
	# shellcheck disable=SC2086  # the words are split on purpose
	status 0 "$VDIBACKUP" $words
	check "$words: on standard output alone" test -s "$out" -a ! -s "$err"
	check "$words: at most 80 columns" \
		test -z "$(awk 'length > 80' "$out")"
done
status 0 "$VDIBACKUP" --version
for part in vdibackup zstd jansson sqlite native sqlvdi; do
	says "$part"
done

# ---- options ----
B='backup --engine sqlite:a.db -d A'
# shellcheck disable=SC2086  # here and below B is split on purpose
{
	usage "there is no option '--lev'; did you mean '--level'?" $B --to st --lev 3
	tries "try 'vdibackup backup --help'"
	usage "there is no option '--js'; did you mean '--json'?" verify --js=1 x
	usage "there is no option '--databas'" backup --databas A
	usage "there is no option '--frobnicate'" $B --frobnicate
	usage "there is no option '-Z'" $B -Z
	usage "'--level' is given twice" $B --to st --level 3 -l 4
	usage "'--to' is given twice" $B --to st --to st
	usage "'--level' does not belong to 'verify'; it belongs to 'backup'" \
		verify --level 3 x
	usage "'--from' does not belong to 'backup'; it belongs to 'restore'" $B --from x
	usage "'--json' takes no value" $B --json=yes
	usage "'--devices' needs a value" $B --devices
	usage "'--database' is given an empty value" backup --database=
	usage "a password never belongs on a command line" $B --to st --password=secret
	check 'the password is not repeated' test -z "$(grep secret "$err")"
	usage "'--quiet' and '--verbose' contradict" $B --to st -q -v

	# ---- values ----
	usage "'--devices' cannot be \"0\": it takes a number from 1 to 64" $B --to st -n 0
	usage "'--devices' cannot be \"65\": it takes a number from 1 to 64" $B --to st -n 65
	usage "'--level' cannot be \"99\"" $B --to st --level 99
	usage "'--frame-size' cannot be \"4MB\"" $B --to st --frame-size 4MB
	usage "KiB, MiB or GiB" $B --to st --limit-rate 10mb
	usage "'--max-transfer-size' cannot be \"65KiB\": it takes a multiple of 64KiB" \
		$B --to st --max-transfer-size 65KiB
	usage "'--block-size' cannot be \"768\": it takes a power of two" $B --to st --block-size 768
	usage "'--stall-timeout' cannot be \"5\"" $B --to st --stall-timeout 5
	usage "'--type' cannot be \"weekly\": it takes full, diff or log" $B --to st -t weekly
	usage "'--progress' cannot be \"often\"" $B --to st --progress often
	usage "'--provider' cannot be \"com\"" $B --to st --provider com
	usage "'--inject' cannot be \"boom\"" $B --to st --inject boom
	usage "\"device=65\" is no place" $B --to st --inject abort,device=65
	usage "it takes sqlite:PATH" backup --engine oracle:a.db -d A --to st

	# ---- what is missing, and what contradicts ----
	usage "'--to' is missing" $B
	usage "'--database' is missing" backup --engine sqlite:a.db --to st
	usage "--engine sqlite:PATH" backup -d A --to st
	usage "'--from' is missing" restore --engine sqlite:a.db -d A
	usage "takes at least one path" verify
	usage "'list' takes one store" list
	usage "'list' takes one store" list a b
	usage "\"st\" is too much" $B st
	usage "takes one stream" $B --to - -n 2
	usage "takes one stream" $B --to a.bak.zst -n 2
	usage "takes one stream" $B --to exec:cat -n 2
	usage "'--to null:' and '--type log' contradict" $B --to null: -t log
	usage "it needs '--to null:'" $B --to st --source-only
	usage "ends in .bak.zst" $B --to a.bak
	usage "'--verify-only' and '--replace' contradict" \
		restore --engine sqlite:a.db -d A --verify-only --replace st
	usage "cannot be joined" restore --engine sqlite:a.db -d A - st
	usage "'--checksum' and '--no-checksum' contradict" $B --to st --checksum --no-checksum
}
check 'nothing was made' test -z "$(ls)"

# ---- with --json the last line is a result, also of a wrong command line ----
# shellcheck disable=SC2086
{
	status 2 "$VDIBACKUP" $B --to st --frobnicate --json
	check 'a result' grep -q '"event":"result".*"exit_code":2' "$out"
	status 2 "$VDIBACKUP" $B --to - --json
	check 'a result' grep -q '"event":"result".*"exit_code":2' "$out"
	status 2 "$VDIBACKUP" bakup --json
	check 'a result' grep -q '"event":"result".*"exit_code":2' "$out"
}

# ---- names that are no friends of a terminal ----
status 2 "$VDIBACKUP" "$(printf 'a\033[2Jb\nc')"
says 'a\x1b[2Jb\nc'
status 2 "$VDIBACKUP" "$(printf 'K\303\244se\377')"
says 'K\u00e4se\xff'

# ---- standard output that takes nothing ----
if test -c /dev/full; then
	for words in --help --version 'backup --help'; do
		status 8 sh -c "'$VDIBACKUP' $words > /dev/full"
		says 'standard output'
		says 'No space left'
	done
else
	skip 'a full standard output: there is no /dev/full'
fi
status 8 sh -c "'$VDIBACKUP' --help >&-"
says 'standard output'

# ---- the log file ----
status 8 "$VDIBACKUP" verify --log-file no/such/folder/log nowhere
says 'no/such/folder/log'
status 8 "$VDIBACKUP" verify --log-file log nowhere
check 'the log has the error, and the time' \
	grep -q '^20..-..-..T..:..:..\....Z error: ' log

# ---- completion ----
if command -v bash >/dev/null; then
	# complete WORD...: what bash would offer for the last one.
	complete_() {
		# shellcheck disable=SC2016  # the script is bash's
		bash -c '
			compopt() { :; }
			. "$1/completions/vdibackup"
			shift
			COMP_WORDS=("$@")
			COMP_CWORD=$(($# - 1))
			_vdibackup
			printf "%s\n" "${COMPREPLY[@]}"' bash "$top_srcdir" "$@"
	}
	check 'commands are completed' \
		test "$(complete_ vdibackup res)" = restore
	check 'options are completed' \
		test "$(complete_ vdibackup backup --lev)" = --level
	check 'not those of other commands' \
		test -z "$(complete_ vdibackup verify --lev)"
	check 'values are completed' \
		test "$(complete_ vdibackup backup --type d)" = diff
else
	skip 'completion: there is no bash'
fi
finish
