#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: the engine drives devices of every family, as the reference has it:
# what is backed up comes back, over several media, after another set, through
# fewer devices; and what cannot be, is told.  The client checks each command
# against the support matrix: it ends with status 9 if one is not allowed.
. "$top_srcdir/tests/init.sh"
CLIENT=$top_builddir/tests/bin/media-client

"$SAMPLE" make a.db 1MiB wal >/dev/null
"$SAMPLE" make b.db 256KiB delete >/dev/null

# run STATUS CLIENT-OPTIONS STATEMENT [ENGINE-OPTION...]: with as many devices
# for DEVICES in the statement as the client's options say.
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

# new FOLDER: no media, and nothing restored.
new() {
	rm -rf "$1" c.db
	mkdir "$1"
}
same() {
	check "the same as $1" "$SAMPLE" compare "$1" c.db
	rm -f c.db
}
# traced PATTERN: some device was sent this, in this order.
traced() {
	check "the device was sent: $1" grep -q -E -e "$1" trace
}

BACKUP='BACKUP DATABASE A TO DEVICES WITH CHECKSUM, MAXTRANSFERSIZE=65536'
RESTORE='RESTORE DATABASE C FROM DEVICES WITH REPLACE'

# ---- there and back, on every family -------------------------------------
for family in pipe disk tape 'pipe --removable' 'disk --removable' \
	'tape --soft-mark 1024 --prefix 100'; do
	for devices in 1 3; do
		options="--family $family --folder m --devices $devices"
		new m
		run 0 "$options" "$BACKUP"
		run 0 "$options" 'RESTORE VERIFYONLY FROM DEVICES WITH CHECKSUM'
		run 0 "$options --depth 4" "$RESTORE"
		same a.db
	done
done
run 0 '--family tape --block 4096 --folder m' "$BACKUP, FORMAT, BLOCKSIZE=4096"
run 0 '--family tape --block 4096 --folder m' "$RESTORE, BLOCKSIZE=4096"
same a.db

# A combination that the reference does not define.
run 2 '--features 16' "$BACKUP"
says 'VD_E_NOTSUPPORTED'

# Reads that bring less than was asked for, in any family.
for family in pipe disk tape; do
	new m
	run 0 "--family $family --folder m" "$BACKUP"
	run 0 "--family $family --folder m --short-read 8192 --depth 3" "$RESTORE"
	same a.db
done

# ---- one set behind another ----------------------------------------------
for options in '--family disk' '--family tape' '--family tape --soft-mark 512' \
	'--family disk --devices 2' '--family tape --devices 2'; do
	options="$options --folder m"
	new m
	run 0 "$options" "$BACKUP, MEDIANAME='shelf'"
	run 0 "$options" 'BACKUP DATABASE B TO DEVICES WITH MEDIANAME='\''shelf'\'
	says 'on file 2'
	case $options in
	*disk*) traced 'SetPosition\*?[0-9]* Write' ;;
	*) traced 'GetPosition SkipMarks\*2 GetPosition SetPosition GetPosition Write' ;;
	esac
	run 0 "$options" "$BACKUP, NOINIT, SKIP, MEDIANAME='other'"
	says 'on file 3'
	run 0 "$options" "$RESTORE"
	same a.db
	run 0 "$options" "$RESTORE, FILE=2"
	same b.db
	traced 'SetPosition\*[3-9]|SkipBlocks'
	run 0 "$options" "$RESTORE, FILE=3"
	says 'on file 3'
	same a.db
	run 1 "$options" "$RESTORE, FILE=4"
	says '4038'
	run 0 "$options" 'RESTORE HEADERONLY FROM DEVICES' --messages json
	check 'three sets are listed' test "$(grep -c '"event":"row"' "$out")" -eq 3
	run 0 "$options" 'RESTORE VERIFYONLY FROM DEVICES WITH FILE=2'
	says 'file 2 is valid'

	run 1 "$options" "$BACKUP, MEDIANAME='other'"
	says '4037'
	case $options in
	*disk*)
		run 1 "$options" "$BACKUP, BLOCKSIZE=2048, INIT"
		says '3268'
		;;
	esac
	run 0 "$options" 'BACKUP DATABASE B TO DEVICES WITH INIT, MEDIANAME='\''shelf'\'
	says 'on file 1'
	run 1 "$options" "$RESTORE, FILE=2"
	says '4038'
	run 0 "$options" "$RESTORE"
	same b.db
	run 0 "$options" "$BACKUP, FORMAT"
	says 'on file 1'
	run 0 "$options" "$RESTORE"
	same a.db
done

# A set that was cut short, or something else, is no place to append to.
new m
run 0 '--family disk --folder m' "$BACKUP"
cp m/d1-v1 whole
dd if=whole of=m/d1-v1 bs=65536 count=5 2>/dev/null
run 1 '--family disk --folder m' "$BACKUP"
says '3266'
run 1 '--family disk --folder m' "$RESTORE"
says '3203'
echo 'no backup at all, but something that is long enough to be looked at' > m/d1-v1
run 1 '--family disk --folder m' "$BACKUP, INIT"
says '3242'
check 'it was left alone' grep -q 'no backup' m/d1-v1

# INIT of a shorter backup cuts off what was behind it.
cp whole m/d1-v1
run 0 '--family disk --folder m' 'BACKUP DATABASE B TO DEVICES WITH INIT'
check 'the file is shorter' test "$(wc -c < m/d1-v1)" -lt "$(wc -c < whole)"

# Media of different sets, and a device too many.
new m
new n
run 0 '--family disk --folder m --devices 2' "$BACKUP"
run 0 '--family disk --folder n --devices 2' "$BACKUP"
run 1 '--family disk --devices 2 --media m/d1-v1,n/d2-v1' "$BACKUP"
says '3258'
run 1 '--family disk --folder m' "$BACKUP"
says '3231'
run 0 '--family disk --devices 2 --media m/d2-v1,m/d1-v1' "$BACKUP"
says 'on file 2'

# ---- media that fill up --------------------------------------------------
small='--capacity 400000 --warning 131072'
for family in pipe disk tape 'tape --soft-mark 512'; do
	for devices in 1 3; do
		options="--family $family --removable --folder m --devices $devices"
		new m
		run 0 "$options $small" "$BACKUP"
		says 'Mount volume 2'
		traced 'ClearError Flush Load'
		check 'there are several volumes' test -s m/d1-v2
		run 0 "$options" "$RESTORE"
		same a.db
		traced 'ClearError Load'
		run 0 "$options" 'RESTORE VERIFYONLY FROM DEVICES WITH CHECKSUM'
	done
done

# As much as there may be under way, and no more than the zone holds.
new m
run 0 "--family disk --removable --folder m --depth 16 $small" "$BACKUP"
run 0 '--family disk --removable --folder m' "$RESTORE"
same a.db

# Commands that the client had already taken when the medium was full, in a
# zone that is too small for them, on media of hardly more than a label.
for family in pipe disk tape; do
	options="--family $family --removable --folder m"
	new m
	run 0 "$options --capacity 70000 --depth 4" "$BACKUP"
	check 'there are many volumes' test -s m/d1-v20
	run 0 "$options" "$RESTORE"
	same a.db
done
new m
run 1 '--family pipe --removable --folder m --capacity 1536' "$BACKUP"
says '1129('

# Cartridges of another order, or of another set.
new m
run 0 "--family disk --removable --folder m $small" "$BACKUP"
new n
run 0 "--family disk --removable --folder n $small" "$BACKUP"
run 1 '--family disk --removable --folder m --media m/d1-v2' "$RESTORE"
says '3247'
run 1 '--family disk --removable --media m/d1-v1 --stack m/d1-v3' "$RESTORE"
says '3247'
run 1 '--family disk --removable --media m/d1-v1 --stack n/d1-v2' "$RESTORE"
says '3258'
dd if=m/d1-v1 of=m/short bs=65536 count=4 2>/dev/null
run 1 '--family disk --removable --media m/short --stack m/d1-v2' "$RESTORE"
says 'have come'
run 1 '--family disk --removable --folder m --answer Load:2=1112' "$RESTORE"
says 'LoadMedia'
new m
run 1 "--family disk --folder m $small" "$BACKUP"
says '112('
check 'nothing was restored' test ! -e c.db

# ---- fewer devices than streams ------------------------------------------
new m
run 0 '--family pipe --folder m --devices 5' "$BACKUP"
run 1 '--family pipe --folder m --devices 2' "$RESTORE"
says '3132'
for devices in 1 2 3; do
	run 0 "--family pipe --removable --devices $devices --folder m \
		--stack $(seq -s , -f m/d%g-v1 $((devices + 1)) 5)" "$RESTORE"
	says 'one of the remaining families'
	same a.db
done
run 1 '--family pipe --removable --folder m --stack m/d2-v1,m/d1-v1' "$RESTORE"
says '3227'
run 1 '--family pipe --removable --folder m --stack m/d2-v1,nowhere' "$RESTORE"
says 'LoadMedia'
# Streams that have several volumes each, one after another.
for family in disk tape; do
	new m
	run 0 "--family $family --removable --folder m --devices 3 $small" \
		"$BACKUP, BLOCKSIZE=512"
	run 0 "--family $family --removable --folder m \
		--stack m/d1-v2,m/d2-v1,m/d2-v2,m/d3-v1,m/d3-v2" "$RESTORE"
	same a.db
done

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
rm -f c.db
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

# ---- vdibackup as the client ---------------------------------------------
# engine_with OPTION...: an engine that vdibackup runs with these.
engine_with() {
	{
		echo '#!/bin/sh'
		echo "exec \"$VDI_ENGINE\" $* \"\$@\""
	} > engine
	chmod +x engine
	VDIBACKUP_ENGINE=$tmp/engine
}
status 0 "$VDIBACKUP" backup --engine sqlite:a.db -d A -S s --to store -n 8 -q
folder=$(only_backup store)
for devices in 1 2 3 8; do
	rm -f c.db
	status 0 "$VDIBACKUP" restore --engine sqlite:c.db -d C --from "$folder" \
		--devices "$devices"
	same a.db
done
status 0 "$VDIBACKUP" restore --engine sqlite:c.db -d C --from "$folder" -n 3 --verify-only -q
status 0 "$VDIBACKUP" restore --engine sqlite:c.db -d C -n 2 --dry-run \
	"$folder"/stripe-?of8.bak.zst
check 'two devices are named' test "$(grep -o VIRTUAL_DEVICE "$out" | wc -l)" -eq 2
status 2 "$VDIBACKUP" restore --engine sqlite:c.db -d C --from "$folder" -n 9
says 'the backup has 8 stripes'
# A stripe that is no good is told by its name, whichever device has it.
cp -r store damaged
bad=$(only_backup damaged)/stripe-5of8.bak.zst
printf X | dd of="$bad" bs=1 seek=5000 conv=notrunc 2>/dev/null
status 9 "$VDIBACKUP" restore --engine sqlite:c.db -d C --from "$(only_backup damaged)" -n 2
says 'stripe-5of8'
check 'nothing was restored' test ! -e c.db

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
