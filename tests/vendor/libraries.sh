#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: a library that cannot be used is explained, with what to do, before a
# statement runs; and the places are looked at in their order.
. "$top_srcdir/tests/init.sh"

stand_in=$top_builddir/.libs/libsqlvdi.so
vendor=/opt/mssql/lib/libsqlvdi.so
"$SAMPLE" make a.db 1MiB delete >/dev/null

# backup STATUS OPTION...
backup() {
	wanted_=$1
	shift
	rm -rf st
	status "$wanted_" "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A \
		-S s --to st --provider sqlvdi "$@"
	test "$wanted_" -eq 0 || {
		check 'what to do is said' grep -q '^  what to do  *[^ ]' "$err"
		check 'nothing looks like a backup' no_backup_below st
	}
}

# refused FILE TEXT HINT
refused() {
	backup 5 --sqlvdi-library "$1"
	says 'error: provider "sqlvdi": '
	says "$2"
	says "what to do  $3"
}

installed="SQL Server for Linux installs the library as $vendor"
takes='--sqlvdi-library takes the path of the file itself'

refused nothing.so \
	'cannot open the library "./nothing.so": No such file or directory' \
	"$takes; $installed"
refused a.db/x.so 'cannot open the library "a.db/x.so": Not a directory' "$takes"
refused "$(printf '%02000d' 0)" 'ENAMETOOLONG' "$takes"
mkdir folder
refused folder '"./folder" is no shared library, but a folder' "$takes"
mkfifo fifo
refused ./fifo '"./fifo" is no shared library, but no file at all' "$takes"
: > empty.so
echo 'This is no library at all.' > text.so
for file in empty text; do
	refused "$file.so" "\"./$file.so\" is no shared library: it does not \
begin as an ELF file does" "$installed"
done
head -c 40 "$stand_in" > short.so
refused short.so '"./short.so" is no shared library, but the beginning of one' \
	"$installed"
for size in 100 4000 20000; do
	head -c $size "$stand_in" > torn.so
	refused torn.so "\"./torn.so\" is cut off: it has $size bytes of at least" \
		'copy it once more'
done

# bytes FILE OFFSET OCTAL...: over what stands there in the stand-in.
bytes() {
	cp "$stand_in" "$1"
	chmod u+w "$1"
	# shellcheck disable=SC2059  # octal numbers
	printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
# e_machine is at 18, e_type at 16, the class and the byte order at 4.
this=$(uname -m | tr _ -)
case $this in
aarch64)
	this='64-bit ARM'
	bytes other.so 18 '\076\000'
	other=x86-64
	;;
*)
	bytes other.so 18 '\267\000'
	other='64-bit ARM'
	;;
esac
case $this in
x86-64 | '64-bit ARM')
	refused other.so "\"./other.so\" is for another processor: $other, \
and this program for $this" 'use a vdibackup and a library'
	;;
*) skip "messages about a processor, on $this" ;;
esac
bytes narrow.so 4 '\001'
refused narrow.so '"./narrow.so" is for another processor: ' \
	'use a vdibackup and a library'
bytes swapped.so 5 '\002'
refused swapped.so 'is for another processor: of the other byte order' \
	'use a vdibackup and a library'
bytes object.so 16 '\001'
refused object.so "\"./object.so\" is no shared library, but another kind of \
ELF file" "$installed"
# A program: how the loader says so depends on how it was linked.
refused "$VDIBACKUP" "\"$VDIBACKUP\"" "$installed"

# Another interface; the first function that is not there is named.
lacking=$top_builddir/tests/vendor/.libs/lacking.so
refused "$lacking" "\"$lacking\" is not the library of this interface: it has \
no ClientVirtualDeviceSet::SignalAbort \
(_ZN22ClientVirtualDeviceSet11SignalAbortEv)" \
	'the library of SQL Server 2017 for Linux and of every later version'

# A library that needs another one.
if test "${SANITIZERS:-no}" = no && command -v "${CC:=cc}" >/dev/null; then
	echo 'int other(void) { return (0); }' > other.c
	echo 'int other(void); int it(void) { return (other()); }' > needs.c
	$CC -shared -fPIC -o libother-vendor.so other.c &&
		$CC -shared -fPIC -o needs.so needs.c -L . -lother-vendor
	rm -f libother-vendor.so
	refused ./needs.so 'cannot load "./needs.so": libother-vendor.so: ' \
		"it needs another library, which has to be installed; 'ldd"
else
	skip 'a library that needs another one: no compiler for it here'
fi

# Not to be read, by somebody whom permissions bind.
cp "$stand_in" secret.so
chmod 0 secret.so
as=
test "$(id -u)" -ne 0 || {
	as='setpriv --reuid 61234 --regid 61234 --clear-groups'
	chmod 1777 "$tmp"
	chmod 644 a.db
	command -v setpriv >/dev/null && $as test -x "$VDIBACKUP" || as=none
}
if test "$as" = none; then
	skip 'a library that may not be read: nobody to try it'
else
	# shellcheck disable=SC2086  # words
	status 5 $as "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A \
		--to null: --provider sqlvdi --sqlvdi-library ./secret.so
	says 'cannot open the library "./secret.so": Permission denied'
	says "what to do  run this program as the server's user, mssql, or let"
fi

# Which place is looked at when: the vendor's first, if there is one.
status 2 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A --to st \
	--provider native --sqlvdi-library "$stand_in"
says 'contradict each other'
status 2 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A --to st \
	--sqlvdi-library ''
says "'--sqlvdi-library' is given an empty value"
if test -e "$vendor"; then
	skip 'the usual places: there is a SQL Server here'
	finish
	exit
fi
backup 5
says "there is no \"$vendor\", and the loader says: libsqlvdi.so: "
says 'install SQL Server for Linux (the package mssql-server), or give'
mkdir loader
echo 'no library' > loader/libsqlvdi.so
LD_LIBRARY_PATH=$tmp/loader${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH
backup 5
says "the loader says: $tmp/loader/libsqlvdi.so: "
cp -f "$lacking" loader/libsqlvdi.so
backup 5
says "\"$tmp/loader/libsqlvdi.so\" is not the library of this interface"
cp -f "$stand_in" loader/libsqlvdi.so
backup 0

# What only root can arrange: its folder, shared memory and a group mssql, for
# this test alone.
if unshare -m true 2>/dev/null && test "$(id -u)" -eq 0; then
	cat > placed.sh <<'SCRIPT'
mount -t tmpfs tmpfs /opt && mkdir -p /opt/mssql/lib &&
	cp "$1" /opt/mssql/lib/libsqlvdi.so || exit 99
shift
exec "$@"
SCRIPT
	# in_place STATUS FILE
	in_place() {
		rm -rf st
		status "$1" unshare -m sh placed.sh "$2" "$VDIBACKUP" backup \
			--engine "sqlite:$tmp/a.db" -d A -S s --to st \
			--provider sqlvdi
	}
	# It comes before the loader's path, also where it is worse.
	in_place 5 "$lacking"
	says "\"$vendor\" is not the library of this interface"
	in_place 5 text.so
	says "\"$vendor\" is no shared library: it does not begin"
	rm loader/libsqlvdi.so
	in_place 0 "$stand_in"

	# apart STATUS COMMAND: a backup by it, after $arrange.
	apart() {
		apart_=$1
		shift
		status "$apart_" unshare -m sh -c "$arrange && exec \"\$@\"" sh \
			"$@" "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A \
			-S s --to null: --provider sqlvdi --sqlvdi-library "$library"
	}
	library=$stand_in
	arrange='mount -t tmpfs -o ro tmpfs /dev/shm'
	apart 5
	says 'Create: VD_E_UNEXPECTED (0x8077000B)'
	says "where this user cannot make a file (Read-only file system)"
	arrange='mount -t tmpfs -o size=1m tmpfs /dev/shm'
	library=$top_builddir/tests/vendor/.libs/warden.so
	WARDEN_LIBRARY=$stand_in
	WARDEN_CREATE=8077000A
	export WARDEN_LIBRARY WARDEN_CREATE
	apart 5
	says 'Create: VD_E_MEMORY (0x8077000A)'
	says 'where 1 MiB are free: enlarge it (in a container with --shm-size 1g)'
	sed '/^mssql:/d' /etc/group > group
	echo 'mssql:x:61999:' >> group
	arrange="mount -t tmpfs tmpfs /dev/shm && mount --bind group /etc/group"
	WARDEN_CREATE=80770005
	apart 5
	says 'Create: VD_E_SECURITY (0x80770005)'
	says "what to do  the server, which runs as mssql, may not use what root"
	if test "$as" != none; then
		# shellcheck disable=SC2086  # words
		apart 5 $as
		says 'what to do  this user is not in the group mssql'
	fi
else
	skip "the vendor's place and group: need root and a mount namespace"
fi
check 'nothing in shared memory' shm_is_clean
finish
