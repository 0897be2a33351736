# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# What scripts with media-client have in common, after tests/init.sh: two
# databases, a.db and b.db, and
#
#   run STATUS CLIENT-OPTIONS STATEMENT [ENGINE-OPTION...]
#                    a statement, with as many devices for DEVICES in it as the
#                    client's options say; the databases are A, B and C
#   new FOLDER       no media, and nothing restored
#   same FILE        c.db has the same content; it is removed
#   traced PATTERN   some device was sent this, in this order
CLIENT=$top_builddir/tests/bin/media-client

"$SAMPLE" make a.db 1MiB wal >/dev/null
"$SAMPLE" make b.db 256KiB delete >/dev/null

run() {
	wanted=$1
	options=$2
	statement=$3
	shift 3
	count=${options##*--devices }
	case $options in
	*--devices*) count=${count%% *} ;;
	*) count=1 ;;
	esac
	devices="VIRTUAL_DEVICE='set$$'"
	number=1
	while test "$number" -lt "$count"; do
		devices="$devices, VIRTUAL_DEVICE='set$$$number'"
		number=$((number + 1))
	done
	statement=${statement%%DEVICES*}$devices${statement#*DEVICES}
	# shellcheck disable=SC2086  # the options are split on purpose
	within 30 "$CLIENT" --set "set$$" --trace trace $options -- \
		"$VDI_ENGINE" --sqlite A=a.db --sqlite B=b.db --sqlite C=c.db \
		--execute "$statement" "$@" > "$out" 2> "$err"
	got=$?
	if test "$got" -eq "$wanted"; then
		pass_ "status $wanted: $options: $statement $*"
	else
		fail_ "status $got instead of $wanted: $options: $statement $*"
		show_
		sed 's/^/    trace: /' trace
	fi
}

new() {
	rm -rf "$1" c.db
	mkdir "$1"
}
same() {
	check "the same as $1" "$SAMPLE" compare "$1" c.db
	rm -f c.db
}
traced() {
	check "the device was sent: $1" grep -q -E -e "$1" trace
}

BACKUP='BACKUP DATABASE A TO DEVICES WITH CHECKSUM, MAXTRANSFERSIZE=65536'
RESTORE='RESTORE DATABASE C FROM DEVICES WITH REPLACE'
