#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: the engine drives devices of every family, as the reference has it:
# what is backed up comes back, over several media, after another set, through
# fewer devices; and what cannot be, is told.  The client checks each command
# against the support matrix: it ends with status 9 if one is not allowed.
. "$top_srcdir/tests/init.sh"
. "$top_srcdir/tests/media/init.sh"

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

# ---- vdibackup as the client ---------------------------------------------
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
# A server that cannot do it, in SQL Server's words.
cat > refusing-engine <<'EOF'
#!/bin/sh
echo '{"event":"message","number":3132,"level":16,"state":1,"line":1,"text":"The media set has 8 media families but only 2 are provided. All members must be provided."}'
echo '{"event":"done","status":1}'
exit 1
EOF
chmod +x refusing-engine
export VDIBACKUP_ENGINE="$tmp/refusing-engine"
status 1 "$VDIBACKUP" restore --engine sqlite:c.db -d C --from "$folder" -n 2
says 'leave --devices out'
export VDIBACKUP_ENGINE="$VDI_ENGINE"
# A stripe that is no good is told by its name, whichever device has it.
cp -r store damaged
bad=$(only_backup damaged)/stripe-5of8.bak.zst
printf X | dd of="$bad" bs=1 seek=5000 conv=notrunc 2>/dev/null
status 9 "$VDIBACKUP" restore --engine sqlite:c.db -d C --from "$(only_backup damaged)" -n 2
says 'stripe-5of8'
check 'nothing was restored' test ! -e c.db

check 'no name is left' shm_is_clean
finish
