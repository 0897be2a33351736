#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: whichever call of the system or for memory fails, and however late, the
# program says what failed and ends in time; what it calls a backup is one,
# what was there is unharmed, and the next run works.
#
# The Nth call of a kind fails, for N = 1, 2, ... until a run passes clean.
# `make check` takes a part of them, another one each day; FAULTS=all takes
# every one, COMMANDS some commands only.  A single one:
#
#     NTH='backup sync:EIO:7' make check TESTS=tests/faults/nth.sh
# shellcheck disable=SC2086,SC2119,SC2120  # words to split; see run_COMMAND
. "$top_srcdir/tests/init.sh"
. "$top_srcdir/tests/faults/common.sh"

store=$tmp/st
"$SAMPLE" make a.db 256KiB delete > /dev/null
"$SAMPLE" make old.db 64KiB delete > /dev/null
small='--max-transfer-size 64KiB --frame-size 256KiB -q'

# ---- what is run, what is true before, and what must be true after ----
# run_COMMAND is given what stands before the program.

run_backup() {
	"$@" "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s \
		--to "$store" -n 2 $small
}
before_backup() {
	known=
	if test -e "$tmp/st.old"; then
		rm -rf "$store"
		cp -R "$tmp/st.old" "$store"
		return
	fi
	"$VDIBACKUP" backup --engine "sqlite:$tmp/old.db" -d A -S s \
		--to "$store" $small || fail_ 'the first backup'
	old=$(only_backup "$store")
	cp -R "$store" "$tmp/st.old"
}
after_backup() {
	new=$(only_backup "$store" | grep -v -x -F "$old")
	case $1 in
	0) test -n "$new" || wrong 'no backup' ;;
	esac
	test -z "$new" || "$VDIBACKUP" verify -q "$new" > "$out.v" 2>&1 ||
		wrong "is no backup: $new: $(cat "$out.v")"
	# They stay, in the way of those that follow.
	for left_ in "$store"/s/A/*.partial; do
		case " $known " in *" $left_ "*) continue ;; esac
		known="$known $left_"
		test ! -e "$left_" || grep -q -F "$left_" "$err" ||
			wrong "is left and not told of: $left_"
	done
	rm -rf ${new:+"$new"}
	diff -r "$tmp/st.old/${old#"$store"/}" "$old" > "$out.v" 2>&1 ||
		wrong "the old backup: $(cat "$out.v")"
}

# The same, reported in JSON.
run_json() {
	"$@" "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s \
		--to "$store" -n 2 $small --json
}
before_json() {
	before_backup
}
after_json() {
	test "$1" -ne 0 || tail -n 1 "$out" | grep -q '"event":"result"' ||
		wrong 'no result'
	after_backup "$1"
}

file=$tmp/f/x.bak.zst
run_file() {
	"$@" "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s \
		--to "$file" $small
}
before_file() {
	rm -rf "$tmp/f"
	mkdir "$tmp/f"
}
after_file() {
	test "$1" -ne 0 || test -e "$file" || wrong 'no backup'
	test ! -e "$file" || "$VDIBACKUP" verify -q "$file" > "$out.v" 2>&1 ||
		wrong "is no backup: $(cat "$out.v")"
	for left_ in "$file"*.partial; do
		test ! -e "$left_" || grep -q -F "$left_" "$err" ||
			wrong "is left and not told of: $left_"
	done
	rm -f "$file" "$file"*.partial
}

# What restore, verify, list and adopt work on.
good_store() {
	test ! -e "$tmp/good" || return 0
	"$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s \
		--to "$tmp/good" -n 2 $small || fail_ 'the backup to work on'
	good=$(only_backup "$tmp/good")
	cp -R "$tmp/good" "$tmp/good.old"
}
unharmed() {
	diff -r "$tmp/good.old" "$tmp/good" > "$out.v" 2>&1 ||
		wrong "the backup: $(cat "$out.v")"
}

run_restore() {
	"$@" "$VDIBACKUP" restore --engine "sqlite:$tmp/t.db" -d T -S s \
		--from "$good" --replace -q
}
before_restore() {
	good_store
	rm -f t.db*
	cp old.db t.db
}
after_restore() {
	unharmed
	cmp -s old.db t.db && test "$1" -ne 0 ||
		"$SAMPLE" compare a.db t.db > /dev/null 2>&1 ||
		wrong 'the database is neither the old one nor the new one'
}

run_verify() {
	"$@" "$VDIBACKUP" verify "$tmp/good"
}
before_verify() {
	good_store
}
after_verify() {
	unharmed
}

run_list() {
	"$@" "$VDIBACKUP" list "$tmp/good"
}
before_list() {
	good_store
}
after_list() {
	unharmed
	# What cannot be read is listed as such, and why.
	test "$1" -ne 0 || grep -q "^complete .*$(basename "$good")" "$out" ||
		{ grep -q "^broken  *.*$tmp/good/s" "$out" &&
			grep -q "^   .*$tmp/good/s.*: " "$out"; } ||
		wrong "success without the backup: $(cat "$out")"
}

run_adopt() {
	"$@" "$VDIBACKUP" adopt -q "$tmp/ad/s/A/$(basename "$good").partial"
}
before_adopt() {
	good_store
	rm -rf "$tmp/ad"
	cp -R "$tmp/good" "$tmp/ad"
	whole_=$tmp/ad/s/A/$(basename "$good")
	mv "$whole_" "$whole_.partial"
}
after_adopt() {
	test "$1" -ne 0 || test -n "$(only_backup "$tmp/ad")" ||
		wrong 'no backup'
	test -n "$(only_backup "$tmp/ad")" || run_adopt > "$out.v" 2>&1 ||
		wrong "cannot be adopted any more: $(cat "$out.v")"
	"$VDIBACKUP" verify -q "$tmp/ad" > "$out.v" 2>&1 ||
		wrong "is no backup: $(cat "$out.v")"
}

# ---- one call that fails ----

wrong() {
	wrongs=$((wrongs + 1))
	echo "    $command $spec: $*"
}

# Where files below our folder were concerned, the last part of the path of one
# must be in the message, but for suffixes that come and go.
names_it() {
	sed -n -e "s,^fired .* $tmp/,/," -e 's,\.new$,,' -e 's,\.partial$,,' \
		-e 's,/\.probe-.*,,' -e 's,/#[0-9]* (deleted)$,,' \
		-e 's,^/\(.*/\)*,,p' "$side" > names
	test ! -s names || grep -q -F -f names "$err" ||
		wrong "does not name $path"
}

# nth SPEC: 0 if it fired.
nth() {
	spec=$1
	rm -f "$side"
	run_"$command" faulted "$spec" > "$out" 2> "$err" < /dev/null
	status_=$?
	test -e "$side" || return 1
	fired=$((fired + 1))
	# fired KIND N FUNCTION ERROR SITE PATH
	read -r word_ kind_ n_ function error site path < "$side"
	case $status_ in
	0) ;;
	[1-9] | 10) test -s "$err" || wrong 'fails without a word' ;;
	124) wrong 'did not end in time' ;;
	*)
		# A crash in libcrypto is to us what a kill is, which leaves
		# what it leaves.  gcov, too, wants memory where a program
		# ends, and crashes.
		if test "$kind_" = crypto && test "$status_" -ge 128; then
			crashes=$((crashes + 1))
			echo "left behind $(echo "$store"/s/A/*.partial)" > "$err"
		elif test "$status_:$kind_:${COVERAGE:-no}" != 139:memory:yes; then
			wrong "status $status_"
		fi
		;;
	esac
	test "$status_" -eq 0 || names_it
	sanitizer_is_silent || wrong 'a sanitizer has found something'
	after_"$command" "$status_"
	# Where nothing could be locked or looked at, the next run clears up.
	shm_is_clean_now > /dev/null || shm_is_clean > /dev/null ||
		wrong 'left in shared memory'
	test "$wrongs" -eq "$before_" && return 0
	before_=$wrongs
	echo "    $function $error at $site, $path"
	sed 's/^/        /' "$err"
	return 0
}

# sweep COMMAND KIND ERROR[+[COUNT]] [FOLDER]: the Nth call of a kind fails, for
# N from $first in steps of $step; only calls on files below FOLDER.
sweep() {
	command=$1
	kind=$2
	times=${3#"${3%%+*}"}
	FAULT_BELOW=${4:-}
	export FAULT_BELOW
	wrongs=0
	before_=0
	fired=0
	n=$first
	before_"$command"
	while nth "$kind:${3%%+*}:$n$times"; do
		n=$((n + step))
		case $command in adopt | restore | file) before_"$command" ;; esac
	done
	test "${FAULTS:-}" != all || works
	check "$command, $kind $3: $fired calls failed" test "$wrongs" -eq 0
	total=$((total + fired))
}

# After all that failed: the next run of $command.
works() {
	until_true 5 no_engine || wrong 'an engine is still at work'
	case $command in backup | json) ;; *) before_"$command" ;; esac
	run_"$command" > "$out" 2> "$err" ||
		wrong "the next run: $(cat "$err")"
	shm_is_clean_now > /dev/null || shm_is_clean > /dev/null ||
		wrong 'left in shared memory'
}

# Kinds of calls, where, and what may go wrong with them; "+": from there on.
# What has only one place is looked at anywhere.
kinds="
write store ENOSPC EIO EDQUOT EINTR short ENOSPC+ EIO+
write any EINTR+3 short+
sync store EIO ENOSPC EDQUOT EIO+
rename store EIO ENOSPC EROFS EACCES EINVAL
remove any EIO EROFS EACCES
mkdir store ENOSPC EACCES EROFS EDQUOT
open store ENOSPC EACCES EROFS EIO
open any EMFILE ENFILE EINTR ENOMEM EMFILE+
close any EIO ENOSPC EDQUOT EINTR EIO+
read any EIO EINTR short EIO+ short+
stat any EIO EACCES ENOMEM
stat store EIO+
lock any ENOLCK EINTR EIO EAGAIN
lock store ENOLCK+
map any ENOMEM EAGAIN
shm any EMFILE EACCES ENOSPC
size any ENOSPC EIO EFBIG EINTR
mode any EPERM
spawn any EMFILE ENOMEM EAGAIN
thread any EAGAIN EAGAIN+
random any EINTR ENOSYS short
advice any EINVAL EIO
wait any EINTR EINTR+3
memory any ENOMEM ENOMEM+
"
commands='backup file restore verify list adopt json'

# Where a command's files are.
place_of() {
	case $1 in
	backup | json) echo "$store" ;;
	file) echo "$tmp/f" ;;
	adopt) echo "$tmp/ad" ;;
	*) echo "$tmp/good" ;;
	esac
}

# What is done of a kind today: one of the errors, and every so manieth call,
# or nothing.  What storage says to a backup is always looked at.
today=$(($(date +%s) / 86400))
part_of() {
	row=$((row + 1))
	case $1 in
	backup) ;;
	*)
		errors=
		test $(((today + row) % 3)) -eq 0 || return 0
		;;
	esac
	case $1:$2 in
	*:memory) step=41 ;;
	backup:sync | backup:rename | backup:close | file:sync) step=1 ;;
	backup:*) step=3 ;;
	*) step=7 ;;
	esac
	first=$((today % step + 1))
	shift 3
	shift $((today % $#))
	errors=$1
}

first=1
step=1
total=0
crashes=0
if test -n "${NTH:-}"; then
	set -- $NTH
	command=$1
	wrongs=0
	before_=-1
	fired=0
	before_"$command"
	nth "$2"
	check 'it fired' test "$fired" -eq 1
	check "$NTH" test "$wrongs" -eq 0
	finish
fi
# A function that is new to the program is seen, or said to need no wrapper.
families='^(f?open|creat|mk|link|symlink|rename|remove|unlink|rmdir|close
p?read|p?write|fwrite|sendfile|splice|copy_file|tee|sync|msync|f(data)?sync
f?truncate|fallocate|posix_f|posix_mem|posix_spawn|l?stat|f?stat|access|fch|ch
flock|lockf|fcntl|m?map|mremap|shm_|[mcr]e?alloc|aligned|pipe|dup|fork|vfork
popen|pthread_create|getrandom|getentropy|p?poll|epoll|select|wait|syscall
madvise)'
families=$(echo "$families" | tr '\n' '|' | sed 's/|$//')
without='^(fwrite|posix_spawn(attr|_file).*|mkdtemp)$'
if command -v "${NM:=nm}" > /dev/null; then
	"$NM" -D --undefined-only "$VDIBACKUP" | awk '{ print $2 }' |
		sed 's/@.*//' | grep -E "$families" | grep -v -E "$without" |
		sort -u > called
	"$NM" -D --defined-only "$preload" | awk '{ print $3 }' | sort -u > seen
	check "every such call can fail: $(comm -23 called seen | tr '\n' ' ')" \
		test -s called -a -z "$(comm -23 called seen)"
fi
for which in ${COMMANDS:-$commands}; do
	row=0
	echo "$kinds" > kinds
	while read -r kind place errors <&3; do
		test -n "$kind" || continue
		case $which:$kind in
		json:memory) ;;
		json:*) continue ;;
		esac
		test "${FAULTS:-}" = all ||
			part_of "$which" "$kind" "$place" $errors
		folder=
		test "$place" = any || folder=$(place_of "$which")
		for error_ in $errors; do
			sweep "$which" "$kind" "$error_" "$folder"
		done
	done 3< kinds
	command=$which
	wrongs=0
	works
	check "$which: the next run works" test "$wrongs" -eq 0
done
# libcrypto's own, thousands of them.  It does not survive all of them itself,
# and a sanitizer would tell of its leaks.
case ${FAULTS:-}:${COMMANDS:-backup}:${SANITIZERS:-no} in
all:*backup*:no)
	step=1
	sweep backup crypto ENOMEM
	step=17
	sweep backup crypto ENOMEM+
	echo "libcrypto crashed $crashes times"
	;;
esac
echo "$total calls failed"
check 'calls have failed' test "$total" -gt 100
finish
