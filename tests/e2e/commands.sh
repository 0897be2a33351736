#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: what a client and a server may do besides reading and writing:
# snapshots, VDC_Discard, VDC_Complete, errors of each command, commands that
# are held, unknown ones, flushes and buffers at any time.
. "$top_srcdir/tests/init.sh"
. "$top_srcdir/tests/media/init.sh"

# ---- snapshots -----------------------------------------------------------
# hook NAME: a script of standard input, for --when.
hook() {
	{
		echo '#!/bin/sh'
		cat
	} > "$1"
	chmod +x "$1"
}
hook at-freeze <<'EOF'
# Not yet frozen: the last that gets in.
sqlite3 a.db 'CREATE TABLE IF NOT EXISTS late (x); INSERT INTO late VALUES (1)'
EOF
hook at-snapshot <<'EOF'
# Readers read; a writer is told to wait, and one that waits gets in later.
test "$(sqlite3 a.db 'SELECT count(*) FROM late')" -ge 1 || exit 1
sqlite3 a.db 'INSERT INTO late VALUES (2)' 2>/dev/null && exit 1
sqlite3 -cmd '.timeout 20000' a.db 'INSERT INTO late VALUES (3)' &&
	touch written &
cp a.db captured
test ! -e written
EOF
hook at-mount <<'EOF'
cp captured c.db
EOF
SNAPSHOT='BACKUP DATABASE A TO DEVICES WITH SNAPSHOT, CHECKSUM'
MOUNT='RESTORE DATABASE C FROM DEVICES WITH SNAPSHOT'
pipe='--family pipe --folder m'
for mode in wal delete; do
	sqlite3 a.db "PRAGMA journal_mode=$mode" > "$out"
	rm -f written captured
	new m
	run 0 "$pipe --features 9216 --when PrepareToFreeze=./at-freeze --when Snapshot=./at-snapshot" \
		"$SNAPSHOT"
	says 'successfully processed'
	traced 'Write PrepareToFreeze Write\*2 Flush Snapshot$'
	check 'the writer got in' until_true 20 test -e written
	run 0 "$pipe --when MountSnapshot=./at-mount" "$MOUNT"
	traced 'Read.* MountSnapshot$'
	check 'the file of that moment' cmp -s captured c.db
	check 'all that was committed before it' \
		test "$(sqlite3 c.db 'SELECT max(x) FROM late')" -le 3
	run 1 "$pipe --when MountSnapshot=./at-mount" "$MOUNT"
	says '3159'
	"$SAMPLE" make c.db 100KiB wal > "$out"
	run 0 "$pipe --when MountSnapshot=./at-mount" \
		"$MOUNT, REPLACE, NORECOVERY, MOVE 'A' TO 'c.db'"
	check 'in its place' cmp -s captured c.db
	run 0 "$pipe" 'RESTORE VERIFYONLY FROM DEVICES WITH CHECKSUM'
	sqlite3 a.db 'DROP TABLE late'
done
# Without SnapshotPrepare nobody is asked.
run 0 "$pipe" "$SNAPSHOT"
traced 'device 1: Write\*[0-9]+ Flush Snapshot$'

# Refused, aborted, or not what was captured.
new n
for command in PrepareToFreeze Snapshot; do
	run 1 "--family pipe --folder n --features 1024 --answer $command:1=995" "$SNAPSHOT"
	says '995('
	run 1 "--family pipe --folder n --features 1024 --abort $command:1" "$SNAPSHOT"
done
check 'writers are let go' sqlite3 a.db 'CREATE TABLE late (x); DROP TABLE late'
run 1 "$pipe --answer MountSnapshot:1=995" "$MOUNT"
says 'MountSnapshot'
hook at-wrong-mount <<'EOF'
cp b.db c.db
EOF
run 1 "$pipe --when MountSnapshot=./at-wrong-mount" "$MOUNT"
says 'not the file that was captured'
rm -f c.db
run 1 "$pipe" "$RESTORE"
says '3241'
run 0 "--family pipe --folder n" "$BACKUP"
run 1 "--family pipe --folder n" "$MOUNT"
says '3276'
run 1 "$pipe --devices 2" "$SNAPSHOT"
says '3277'
run 1 "$pipe" "$SNAPSHOT, DIFFERENTIAL"
says '3031'
check 'nothing was restored' test ! -e c.db

# ---- what else a client may do or ask for --------------------------------
# VDC_Discard before the end of a set that is void; not of one that is good.
discard='--features 128 --folder m --devices 2'
for family in pipe disk tape; do
	new m
	run 0 "--family $family $discard" "$BACKUP"
	check 'nothing is discarded' sh -c '! grep -q Discard trace'
	run 1 "--family $family $discard --answer Write:3=112" "$BACKUP, FORMAT"
	says '112('
	traced 'device 1: .*ClearError Discard$'
	traced 'device 2: .*Discard$'
	run 1 "--family $family $discard --answer Discard:1=50" "$BACKUP, FORMAT" \
		--inject fail,device=2,command=6
	traced 'device 1: .*Discard$'
	run 1 "--family $family $discard" "$BACKUP, FORMAT" --inject abort
	check 'an aborted set hears nothing' sh -c '! grep -q Discard trace'
	rm -f c.db
	run 1 "--family $family $discard" 'RESTORE VERIFYONLY FROM DEVICES'
	check 'a restore discards nothing' sh -c '! grep -q Discard trace'
done

# VDC_Complete where it was asked for, behind the last flush; else not at all.
new m
run 0 '--family disk --folder m --features 8192' "$BACKUP"
traced 'Flush Complete$'
run 0 '--family disk --folder m --features 8192' "$BACKUP" --no-complete
traced 'Flush$'
run 1 '--family disk --folder m --features 8192 --answer Complete:1=112' "$BACKUP"
says 'RequestComplete'

# An error from each command that a family has: the statement fails, and says
# what it was.
new m
for case in disk:SetPosition:1:PositionMedia disk:Read:1:ReadData disk:Flush:1:RequestDurableMedia \
	disk:ClearError:1:ClearError tape:Rewind:1:PositionMedia tape:WriteMark:1:PositionMedia \
	tape:WriteMark:2:PositionMedia tape:GetPosition:1:PositionMedia pipe:Write:1:WriteData; do
	family=${case%%:*}
	rest=${case#*:}
	run 1 "--family $family --folder m --answer ${rest%:*}=23" "$BACKUP"
	says "${rest##*:}"
	says '23('
	rm -rf m/*
done
run 0 '--family tape --folder m' "$BACKUP"
for command in SkipMarks:1 SkipMarks:2 SetPosition:1 SkipBlocks:1; do
	run 1 "--family tape --folder m --answer $command=23" "$BACKUP"
	says '23('
done

# A client that holds a command: the agent ends it after two intervals.
new m
for command in Write:4 Flush:1; do
	run 1 "--family pipe --folder m --server-timeout 150 --hold $command" "$BACKUP"
	says '995('
done
run 1 '--family pipe --folder m --hold Write:2' "$BACKUP" --stall-timeout 1s
says '121('
run 1 '--family tape --folder m --devices 3 --abort WriteMark:2' "$BACKUP"
says '995('

# ---- at any time ---------------------------------------------------------
# engine_with OPTION...: an engine that vdibackup runs with these.
engine_with() {
	{
		echo '#!/bin/sh'
		echo "exec \"$VDI_ENGINE\" $* \"\$@\""
	} > engine
	chmod +x engine
	VDIBACKUP_ENGINE=$tmp/engine
}
# What a server may do at any time: buffers that come late, a flush with more
# behind it, a command that the client does not know.
for options in '--late-buffers 6 --flush-every 100KiB' '--send 16' '--send 77 --queue-depth 1' \
	'--flush-every 64KiB --no-complete'; do
	engine_with "$options"
	rm -rf odd c.db
	status 0 "$VDIBACKUP" backup --engine sqlite:a.db -d A -S s --to odd -n 3 -q \
		--max-transfer-size 64KiB
	status 0 "$VDIBACKUP" verify odd
	engine_with "$(echo "$options" | sed 's/--flush-every [^ ]*//; s/--no-complete//')"
	status 0 "$VDIBACKUP" restore --engine sqlite:c.db -d C -S s -q "$(only_backup odd)"
	same a.db
done
VDIBACKUP_ENGINE=$VDI_ENGINE
for family in pipe disk tape; do
	new m
	run 0 "--family $family --folder m --prefix 512" "$BACKUP" --send 18 \
		--flush-every 64KiB --late-buffers 3
	traced 'GetError ClearError'
	traced 'Write Flush Write'
	run 0 "--family $family --folder m" "$RESTORE" --send 17 --late-buffers 3
	traced 'FileInfoEnd ClearError'
	same a.db
done

check 'no name is left' shm_is_clean
finish
