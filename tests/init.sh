# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What every script test starts with: . "$top_srcdir/tests/init.sh"
#
# A folder of its own that is removed at the end, counters, and a vocabulary
# to check with.  A script ends with `finish`, which prints
# "N passed, N failed" and gives the status.
#
#   check NAME COMMAND...        passes if the command succeeds
#   status N COMMAND...          run; passes if it ends with status N;
#                                output in $out, messages in $err
#   says TEXT                    a line of $err or $out holds it
#   within SECONDS COMMAND...    run with a deadline; 124 if it passed
#   until_true SECONDS COMMAND...  retry, with a bound

set -u
: "${top_srcdir:?run this from make check}" "${top_builddir:?}"
VDIBACKUP=${VDIBACKUP:-$top_builddir/vdibackup}
VDI_ENGINE=${VDI_ENGINE:-$top_builddir/vdi-engine}
SAMPLE=$top_builddir/sample-database
export VDIBACKUP_ENGINE="$VDI_ENGINE"
LC_ALL=C
export LC_ALL

# Sanitized programs are several times slower; deadlines follow.
case ${SANITIZERS:-no} in
no) slower=1 ;;
*) slower=4 ;;
esac

passed=0
failed=0
skipped=0
tmp=$(mktemp -d "${TMPDIR:-/tmp}/vdibackup-test.XXXXXX") || exit 1
out=$tmp/.out
err=$tmp/.err
mounts=
clean_up_() {
	for mount_ in $mounts; do
		umount "$mount_" 2>/dev/null || umount -l "$mount_"
	done
	chmod -R u+rwX "$tmp" 2>/dev/null
	rm -rf "$tmp"
}
trap clean_up_ EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$tmp" || exit 1

pass_() {
	passed=$((passed + 1))
	echo "ok - $*"
}
fail_() {
	failed=$((failed + 1))
	echo "not ok - $*"
}
skip() {
	skipped=$((skipped + 1))
	echo "skip - $*"
}

check() {
	name_=$1
	shift
	if "$@"; then
		pass_ "$name_"
	else
		fail_ "$name_: $*"
	fi
}

show_() {
	sed 's/^/    out: /' "$out"
	sed 's/^/    err: /' "$err"
}

# Run with a deadline and keep what it said.
run_() {
	timeout -k 5 $((60 * slower)) "$@" > "$out" 2> "$err" < /dev/null
}

status() {
	wanted_=$1
	shift
	run_ "$@"
	got_=$?
	if test "$got_" -eq "$wanted_"; then
		pass_ "status $wanted_: $*"
	else
		fail_ "status $got_ instead of $wanted_: $*"
		show_
	fi
}

says() {
	if grep -F -i -e "$1" "$err" "$out" >/dev/null; then
		pass_ "says: $1"
	else
		fail_ "does not say: $1"
		show_
	fi
}

within() {
	seconds_=$1
	shift
	timeout -k 5 $((seconds_ * slower)) "$@"
}

until_true() {
	end_=$(($(date +%s) + $1 * slower))
	shift
	until "$@" 2>/dev/null; do
		test "$(date +%s)" -lt "$end_" || return 1
		# A tenth of a second without a process that only sleeps.
		timeout 0.1 tail -f /dev/null || :
	done
}

# No name of ours in shared memory, or none after a moment: other tests may be
# at work beside this one.
shm_is_clean() {
	until_true 10 shm_is_clean_now || shm_is_clean_now
}
shm_is_clean_now() {
	left_=$(find /dev/shm -maxdepth 1 -name 'vdibackup*' 2>/dev/null)
	test -z "$left_" || {
		echo "    left in shared memory: $left_"
		return 1
	}
}

# No file below $1 that looks like a finished backup.
no_backup_below() {
	left_=$(find "$1" -name manifest.json -not -path '*.partial/*' 2>/dev/null)
	test -z "$left_" || {
		echo "    looks like a backup: $left_"
		return 1
	}
}

# No embedded server at work on a file in this test's folder.
no_engine() {
	! pgrep -f "vdi-engine.*=$tmp/" >/dev/null
}

# The folder of the only complete backup below store $1.
only_backup() {
	find "$1" -name manifest.json -not -path '*.partial/*' \
		-exec dirname {} \;
}

finish() {
	echo "$passed passed, $failed failed, $skipped skipped"
	test "$failed" -eq 0 && test "$passed" -gt 0
	exit $?
}
