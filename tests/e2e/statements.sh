#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: every option becomes what T-SQL has for it, as --dry-run shows; what
# cannot stand together is refused before anything is connected or looked at;
# and what the embedded engine does not do, it refuses by name.
. "$top_srcdir/tests/init.sh"

B='backup -d Shop --engine sqlite:shop.db --to st'
R='restore -d Shop --engine sqlite:new.db --from st'

# usage TEXT WORD...: refused as a command line, with both lines of it.
usage() {
	text_=$1
	shift
	run_ "$VDIBACKUP" "$@"
	got_=$?
	if test "$got_" -eq 2 && test ! -s "$out" &&
	    test "$(wc -l < "$err")" -eq 2 &&
	    sed -n 1p "$err" | grep -F -q -e "$text_" &&
	    sed -n 2p "$err" | grep -q "^try 'vdibackup "; then
		pass_ "refused: $*"
	else
		fail_ "status $got_, or not the right words: $*"
		show_
	fi
}
# statement TEXT WORD...: what would be sent has TEXT.
statement() {
	text_=$1
	shift
	status 0 "$VDIBACKUP" "$@" --dry-run
	check "it says $text_" grep -F -q -e "$text_" "$out"
}

# ---- what is refused, without a database, a backup or a server ----
# shellcheck disable=SC2086  # here and below B and R are split on purpose
{
	usage "'--type full' and '--tail' contradict each other: only the log" $B --tail
	usage "give '--type log'" $B --standby /u -t diff
	usage "'--type log' and '--file' contradict" $B -t log --file a
	usage "'--read-write-filegroups' and '--file'" $B --read-write-filegroups --file a
	usage "'--copy-only' and '--type diff'" $B --copy-only -t diff
	usage "'--expire-date' and '--retain-days'" $B --expire-date 2027-01-01 --retain-days 3
	usage 'EXPIREDATE: "next week" is not a time' $B --expire-date 'next week'
	usage "'--retain-days' cannot be \"0\"" $B --retain-days 0
	usage 'no algorithm of COMPRESSION: there are MS_XPRESS, QAT_DEFLATE and ZSTD' \
		$B --server-compression=gzip
	usage 'only ZSTD has levels' $B --server-compression=MS_XPRESS:HIGH
	usage "'--encrypt' cannot be \"AES_256\"" $B --encrypt AES_256
	usage 'no algorithm of ENCRYPTION' $B --encrypt ROT13,certificate=c
	usage 'NAME: the text has a control character' $B --name "$(printf 'a\tb')"
	usage 'RETAINDAYS cannot be given with --with' $B --with RETAINDAYS=3
	usage "'--to null:' and '--type log'" ${B% *} null: -t log --tail

	usage "'--verify-only' and '--norecovery' contradict" $R --verify-only --norecovery
	usage "'--norecovery' and '--standby' contradict" $R --norecovery --standby /u
	usage "'--norecovery' and '--keep-cdc' contradict" $R --norecovery --keep-cdc
	usage "'--stop-at' and '--stop-before-mark'" $R --stop-at 2026-11-24 --stop-before-mark m
	usage "'--stop-at' and '--stop-at-mark'" $R --stop-at 17 --stop-at-mark m
	usage "'--mark-after' and no mark" $R --mark-after 2026-11-24
	usage 'give the name with the log' $R --type full --stop-at-mark m
	usage "'--page' and recovery contradict" $R --type full --page 1:57
	usage 'PAGE: "57" is not the number' $R --norecovery --page 57
	usage "'--move' cannot be \"data\": it takes LOGICAL=PATH" $R --move data
	usage 'MOVE: "a" is given two places' $R --move a=/x --move a=/y
	usage "'--broker' cannot be \"off\"" $R --broker off
	usage 'STOPATMARK: "lsn:x" is not lsn:' $R --stop-at lsn:x
	usage "'--verify-only' and '--type'" $R --verify-only --type log
	usage "'--type log' and '--partial'" $R --type log --partial
}
check 'nothing was made' test -z "$(ls)"

# ---- what is said ----
status 0 "$VDI_ENGINE" --make-sample shop.db=64KiB
# shellcheck disable=SC2086
{
	mkdir st
	statement 'DATABASE [Shop] FILE=N'"'a''b'"', FILEGROUP=N'"'g'"' TO' \
		$B --file "a'b" --filegroup g
	check 'a backup of files is named so' grep -q '^-- to st/.*-file$' "$out"
	statement 'FILEGROUP=N' $B --filegroup g -t diff
	check 'its differential, too' grep -q -e '-filediff$' "$out"
	statement 'READ_WRITE_FILEGROUPS, FILEGROUP=' $B --read-write-filegroups --filegroup g
	check 'and what can be written' grep -q -e '-readwrite$' "$out"
	statement 'DATABASE [Shop] READ_WRITE_FILEGROUPS TO' $B --read-write-filegroups -t diff
	check 'and the differential of that' grep -q -e '-readwritediff$' "$out"
	statement 'BACKUP LOG [Shop] TO' $B -t log --tail
	statement ', NORECOVERY,' $B -t log --tail
	statement ", STANDBY=N'/u'," $B -t log --standby /u
	statement ', CONTINUE_AFTER_ERROR,' $B --continue-after-error
	statement ', COMPRESSION (ALGORITHM = ZSTD, LEVEL = HIGH),' $B --server-compression=zstd:high
	statement ', COMPRESSION,' $B --server-compression
	statement 'ENCRYPTION (ALGORITHM = AES_256, SERVER CERTIFICATE = [a]]b])' \
		$B --encrypt 'aes_256,certificate=a]b'
	statement 'SERVER ASYMMETRIC KEY = [k])' $B --encrypt AES_128,asymmetric-key=k
	statement "EXPIREDATE=N'2027-01-31T00:00:00'" $B --expire-date 2027-01-31
	statement 'RETAINDAYS=30' $B --retain-days 30
	# What is thrown away moves no base.
	statement ', COPY_ONLY,' ${B% *} null: --file a
	statement 'WITH FORMAT, DIFFERENTIAL, CHECKSUM' ${B% *} null: -t diff
}

# ---- what the engine refuses, by name ----
# refuses OPTION WORD...: with the server's message about it.
refuses() {
	text_=$1
	shift
	status 1 "$VDIBACKUP" "$@"
	says "$text_"
	says 'not supported'
}
# shellcheck disable=SC2086
{
	refuses "'FILE'" $B --file a
	refuses "'READ_WRITE_FILEGROUPS'" $B --read-write-filegroups
	refuses "'ENCRYPTION'" $B --encrypt AES_256,certificate=c
	refuses "'EXPIREDATE'" $B --expire-date 2027-01-31
	status 1 "$VDIBACKUP" $B -t log --tail
	says 4208
	check 'and nothing is left' test -z "$(find st -name '*-*T*')"

	status 0 "$VDIBACKUP" $B
	statement "MOVE N'main' TO N'/d'" $R --move main=/d
	statement "STOPAT=N'2026-11-24T07:30:00'" $R --stop-at '2026-11-24 07:30'
	statement "STOPATMARK=N'lsn:17'" $R --stop-at 17
	statement 'WITH PARTIAL, NORECOVERY' $R --partial --norecovery --read-write-filegroups
	statement ', NEW_BROKER,' $R --broker new
	refuses "'NORECOVERY'" $R --norecovery
	refuses "'STANDBY'" $R --standby /u
	refuses "'STOPAT'" $R --stop-at 2026-11-24
	refuses "'PAGE'" $R --page 1:57 --norecovery
	refuses "'RESTRICTED_USER'" $R --restricted-user
	refuses "'KEEP_CDC'" $R --keep-cdc
	refuses "'ENABLE_BROKER'" $R --broker enable
	check 'no database was made' test ! -e new.db

	# What the backup says of itself comes before --type.
	status 2 "$VDIBACKUP" $R --type log
	says 'says otherwise than the backup'
	status 2 "$VDIBACKUP" $R --stop-at-mark m
	says 'give the name with the log'
}
# A plain file says nothing of itself.
status 0 "$VDIBACKUP" backup -d Shop --engine sqlite:shop.db --to a.bak.zst
"$VDIBACKUP" cat a.bak.zst > a.bak
status 0 "$VDIBACKUP" restore -d Shop --engine sqlite:new.db --type log a.bak --dry-run
check 'RESTORE LOG' grep -q '^RESTORE LOG ' "$out"

# ---- a log is restored as one, because its backup says so ----
L="--engine replay:$tmp/a.bak"
# shellcheck disable=SC2086
{
	status 0 "$VDIBACKUP" backup -d Shop $L -t log --to logs
	log=$(find logs -name '*-log')
	for words in "$log" "$log"/stripe*; do
		status 0 "$VDIBACKUP" restore -d Shop -v "$words" \
			--engine "replay:$tmp/again.bak" --replace
		check 'RESTORE LOG' grep -q 'RESTORE LOG \[Shop\]' "$err"
		check 'the same bytes' cmp a.bak again.bak
	done
	statement "STOPBEFOREMARK=N'm' AFTER N'2026-11-24T00:00:00'" restore \
		-d Shop $L "$log" --stop-before-mark m --mark-after 2026-11-24
	status 2 "$VDIBACKUP" restore -d Shop $L "$log" --partial
	says "'--type log' and '--partial' contradict"
	status 2 "$VDIBACKUP" restore -d Shop $L "$log" --type full
	says 'says otherwise than the backup'
	# Nothing but a full backup is the latest one.
	status 2 "$VDIBACKUP" restore -d Shop $L logs
	says 'no complete full backup'
}

finish
