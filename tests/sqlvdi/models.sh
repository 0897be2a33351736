#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: C++ programs in each of VDI's process models, built as a user of the
# vendor's library builds his, back up and restore a real database on the
# stand-in library; and what goes wrong ends in a failed statement.
. "$top_srcdir/tests/init.sh"

models=$top_builddir/tests/bin/models
LD_LIBRARY_PATH=$top_builddir/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
VDI_ENGINE_DATABASES="Sales=$tmp/sales.db"
export LD_LIBRARY_PATH VDI_ENGINE VDI_ENGINE_DATABASES
mkdir bin
cp "$top_srcdir/tools/sqlcmd" bin/sqlcmd
PATH=$tmp/bin:$PATH

check 'a sample is made' "$SAMPLE" make sales.db 2MiB delete

# restore_of MODEL DEVICES FILE [UNLIKE]: and compare with the source.
restore_of() {
	VDI_ENGINE_DATABASES="Copy=$tmp/copy.db"
	rm -f copy.db
	status 0 "$models" "$1" restore Copy "$2" "$3"
	check "$1: the same content" "$SAMPLE" compare sales.db copy.db
	VDI_ENGINE_DATABASES="Sales=$tmp/sales.db"
}

status 0 "$models" single backup Sales 1 single.bak
says 'BACKUP DATABASE successfully processed'
says 'the last command: 0x8077000E'
says 'Close: 0x00000000'
check 'VDC_Complete comes only to those who ask' \
	sh -c "! grep -q VDC_Complete '$out'"
restore_of single 1 single.bak
status 0 env TEST_FEATURES=2000 "$models" threads backup Sales 2 complete.bak
check 'and to every device' test "$(grep -c VDC_Complete "$out")" -eq 2
restore_of threads 2 complete.bak

status 0 "$models" threads backup Sales 4 threads.bak
restore_of threads 4 threads.bak
status 0 "$models" processes backup Sales 3 processes.bak
says 'OpenInSecondary: 0x00000000'
restore_of processes 3 processes.bak
# What one model wrote, another reads.
restore_of threads 3 processes.bak
status 0 "$models" helper backup Sales 1 helper.bak
restore_of helper 1 helper.bak
status 0 "$models" delete backup Sales 1 delete.bak
restore_of single 1 delete.bak
status 0 "$models" fork backup Sales 1 fork.bak
restore_of single 1 fork.bak
check 'no name is left' shm_is_clean

# The file cannot be opened: Close comes with an open device.
for devices in 1 2; do
	model=single
	test "$devices" -eq 1 || model=threads
	status 1 "$models" "$model" backup Sales "$devices" nowhere/a.bak
	says ': cannot be opened'
	says 'BACKUP DATABASE is terminating abnormally'
	says 'sqlcmd: 1'
done
status 1 "$models" single restore Sales 1 nowhere/a.bak
says 'Close: 0x8077000D'
says 'RESTORE DATABASE is terminating abnormally'
status 1 "$models" processes backup Sales 2 nowhere/a.bak
says 'BACKUP DATABASE is terminating abnormally'
check 'the database is as it was' test "$(sqlite3 sales.db \
	'pragma integrity_check')" = ok

# The disk is full: the command fails, the server ends in order.
status 1 "$models" single backup Sales 1 /dev/full
says 'Operating system error 112'
says 'sqlcmd: 1'

# A statement that is refused; nobody ever opens the set.
status 1 env VDI_ENGINE_DATABASES= "$models" single backup Sales 1 a.bak
says 'Msg 911'

# The server dies; the server aborts.
for drill in kill abort; do
	status 1 env VDI_ENGINE_OPTIONS="--inject $drill,command=2" \
		"$models" threads backup Sales 3 drill.bak
	says "$drill"
	says 'the last command: 0x80770004'
done
check 'no name is left after drills' shm_is_clean

# The client dies before a server has come: the name is swept by the next.
mkfifo started hold
cat > bin/sqlcmd <<'SCRIPT'
#!/bin/sh
echo started > started
exec cat hold
SCRIPT
"$models" single backup Sales 1 a.bak > "$out" 2> "$err" &
client=$!
read -r word < started
check 'a client waits for its server' test "$word" = started
kill -9 "$client"
wait "$client" 2>/dev/null
: > hold
check 'the name of a killed client stays' sh -c '! test -z "$(
	find /dev/shm -maxdepth 1 -name "vdibackup*" 2>/dev/null)"'
cp "$top_srcdir/tools/sqlcmd" bin/sqlcmd
status 0 "$models" single backup Sales 1 a.bak
check 'until the next set is made' shm_is_clean

# The client dies in the middle: the server notices, and takes the name away.
mkfifo stuck
"$models" single backup Sales 1 stuck > "$out" 2> "$err" &
client=$!
exec 9< stuck
check 'the stream has begun' test "$(head -c 4 <&9)" = TAPE
kill -9 "$client"
wait "$client" 2>/dev/null
exec 9<&-
check 'the server has ended' until_true 10 no_engine
check 'no name of a killed client is left' shm_is_clean

# A server under another user (spec 15.3): the umask decides.
other=61234
as_other="setpriv --reuid $other --clear-groups"
if test "$(id -u)" -ne 0 || ! command -v setpriv >/dev/null; then
	skip 'a server under another user: needs root and setpriv'
elif ! $as_other --regid 0 test -x "$VDI_ENGINE"; then
	skip 'a server under another user: it cannot reach this folder'
else
	chmod 1777 "$tmp"
	chmod 644 sales.db
	cat > bin/engine <<SCRIPT
#!/bin/sh
exec $as_other --regid "\$ENGINE_GROUP" '$VDI_ENGINE' "\$@"
SCRIPT
	chmod 755 bin/engine
	VDI_ENGINE=$tmp/bin/engine
	ENGINE_GROUP=0
	export ENGINE_GROUP
	status 0 "$models" single backup Sales 1 other.bak
	restore_of single 1 other.bak
	# Neither without the group's bits, nor from outside the group.
	status 1 env TEST_UMASK=022 \
		"$models" single backup Sales 1 other.bak
	says 'Open failure'
	status 1 env ENGINE_GROUP="$other" \
		"$models" single backup Sales 1 other.bak
	says 'Open failure'
fi
check 'no name is left at the end' shm_is_clean
finish
