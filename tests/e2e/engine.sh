#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: the embedded server is found where its place is said to be, and what
# it says is heard.
. "$top_srcdir/tests/init.sh"

"$SAMPLE" make a.db 1 delete >/dev/null
mkdir beside path alone
cp "$VDIBACKUP" beside/vdibackup
cp "$VDIBACKUP" alone/vdibackup

# An engine that says who it is, and then is one.
make_engine() {
	cat > "$1" <<-END
		#!/bin/sh
		echo 'I am $1' >&2
		exec '$VDI_ENGINE' "\$@"
	END
	chmod +x "$1"
}
make_engine beside/vdi-engine
make_engine path/vdi-engine
make_engine named

backup() {
	program=$1
	shift
	rm -rf st
	env -u VDIBACKUP_ENGINE PATH="$tmp/path:$PATH" "$@" "$program/vdibackup" \
		backup --engine "sqlite:$tmp/a.db" -d A -S s --to st \
		> "$out" 2> "$err"
}
check 'the one that is named comes first' \
	backup beside VDIBACKUP_ENGINE="$tmp/named"
says 'warning: I am named'
check 'then the one beside the program' backup beside
says 'I am beside/vdi-engine'
check 'then the one in PATH' backup alone
says 'I am path/vdi-engine'
# No part of PATH is where one happens to be.
cp named vdi-engine
backup alone PATH=":$tmp/beside/nowhere:"
check 'without one there is no server' test $? -eq 4
says 'vdi-engine" was not found'
says 'VDIBACKUP_ENGINE'
check 'nothing looks like a backup' no_backup_below st
backup alone VDIBACKUP_ENGINE="$tmp/a.db"
check 'what cannot be run is no server' test $? -eq 4
says 'a.db'
finish
