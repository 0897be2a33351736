#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: on file systems that really are full, fail or vanish, a backup ends with
# a word about it, what is called a backup is one, and with the disk in order
# the next one works.  For root only, who may mount.
# shellcheck disable=SC2086  # words to split
. "$top_srcdir/tests/init.sh"

"$SAMPLE" make a.db 64KiB delete > /dev/null
B="--engine sqlite:$tmp/a.db -d A -S s --max-transfer-size 64KiB
	--frame-size 64KiB -q"
all=false
test "${FAULTS:-}" != all || all=true
mkdir m

test "$(id -u)" -eq 0 || {
	skip 'only root may mount'
	exit 77
}
mount -t tmpfs -o size=64k tmpfs m 2> "$err" || {
	skip "mounts are not allowed here: $(cat "$err")"
	exit 77
}
mounts="$tmp/m"

# What must hold of m/, whatever became of the last backup there.
sound() {
	for folder_ in $(only_backup m); do
		"$VDIBACKUP" verify -q "$folder_" > "$out" 2>&1 || {
			show_
			return 1
		}
	done
}
# A run that failed has said why, and about what.
told() {
	case $got in
	[1-9] | 10) grep -q "$tmp/m" "$err" && grep -q -i -e "$1" "$err" ;;
	*) false ;;
	esac || {
		echo "    status $got"
		show_
		return 1
	}
}
backup_to() {
	within 30 "$VDIBACKUP" backup $B --to "$@" > "$out" 2> "$err"
	got=$?
}

# ---- a disk that gets full: each size is too small at another place ----
# fill WHAT TARGET OPTION VALUE...: mounts of growing size, until one is enough.
fill() {
	what_=$1
	target_=$2
	option_=$3
	shift 3
	for value_; do
		umount m
		mount -t tmpfs -o "$option_=$value_" tmpfs m || return 1
		backup_to "$target_"
		test "$got" -ne 0 || break
		told 'no space left on device\|bytes are needed\|B are needed' ||
			return 1
		no_backup_below m && sound || return 1
		test ! -e "$target_" -o -d "$target_" || return 1
		mount -o remount,size=16m,nr_inodes=1000 m || return 1
		rm -f "$target_.partial"
		backup_to "$target_"
		if test "$got" -ne 0; then
			echo "    with room again, status $got"
			show_
			return 1
		fi
		sound || return 1
	done
	echo "    $what_: $option_=$value_ was enough"
	test "$got" -eq 0
}
sizes='4k 12k 20k 40k 100k 200k 300k 308k 316k 324k 332k 340k 600k'
$all || sizes='4k 20k 100k 308k 600k'
check 'a full disk' fill store "$tmp/m/st" size $sizes
check 'a full disk, one file' fill file "$tmp/m/x.bak.zst" size $sizes
check 'a disk without inodes' fill store "$tmp/m/st" nr_inodes \
	2 3 4 5 6 7 8 9 10 11 12
umount m
mounts=

# ---- a block device that fails ----
have() {
	command -v "$1" > /dev/null || {
		skip "there is no $1"
		finish
	}
}
have mkfs.ext4
have perl
on_disk() {
	mkfs.ext4 -q -b 1024 "$1"
	mount -o loop "$1" m 2> "$err" || {
		skip "there is no loop device: $(cat "$err")"
		finish
	}
	mounts="$tmp/m"
	disk=$1
}
# With everything written back, or not, as a pulled disk would be.
again() {
	umount m && mount -o loop "$disk" m
}
# The disk is gone, and what the journal has not got is lost with it.
pull() {
	perl -e 'my $how = pack("L", 2); open(my $m, "<", $ARGV[0]) or die;
		ioctl($m, 0x8004587d, $how) or die $!' "$tmp/m"
}

# during PLACE FAIL HEAL: FAIL happens when a backup is at PLACE, HEAL ends it.
during() {
	"$VDIBACKUP" backup $B --to "$tmp/m/st" -n 2 --inject "stall=2,$1" \
		> "$out" 2> "$err" &
	pid_=$!
	until_true 10 grep -q 'fired' "$err" || return 1
	"$2" || return 1
	within 30 tail --pid=$pid_ -f /dev/null || return 1
	wait $pid_
	got=$?
	"$3" && again || return 1
	told 'input/output error\|read-only file system' || return 1
	# There may be one more; those that were reported as done are there.
	sound || return 1
	for folder_ in $done; do
		test -e "$folder_/manifest.json" || return 1
	done
	backup_to "$tmp/m/st"
	done="$done $(only_backup m/st)"
	test "$got" -eq 0 && sound
}
places='at=open device=1,command=3 at=manifest at=commit'
all_places='at=lock at=target at=connect at=create at=statement at=configure
	at=open device=1,command=1 device=2,command=3 at=transfer at=durable
	at=manifest at=closed at=result at=commit'
if $all; then
	places=$all_places
else
	# Another one each day.
	set -- $places
	shift $(($(date +%s) / 86400 % $#))
	places=$1
fi
begin() {
	backup_to "$tmp/m/st"
	check "a backup on $1" test "$got" -eq 0
	done=$(only_backup m/st)
}

truncate -s 16M image
on_disk "$tmp/image"
begin 'a disk that is pulled'
for place in $places; do
	check "the disk is pulled, $place" during "$place" pull :
done
umount m
mounts=

have nbdkit
have nbdfuse
mkdir nf
# Both end when the folder is unmounted.
nbdfuse nf/disk [ nbdkit --exit-with-parent --filter=error memory 16M \
	error-pwrite=EIO error-pwrite-rate=100% \
	error-pwrite-file="$tmp/failing" ] > nbd.log 2>&1 &
until_true 10 test -s nf/disk || {
	skip "nbdfuse does not work here: $(cat nbd.log)"
	finish
}
mounts="$tmp/nf"
fail_writes() {
	: > failing
}
heal() {
	rm failing
}
on_disk "$tmp/nf/disk"
mounts="$tmp/m $tmp/nf"
begin 'a disk that fails'
for place in $places; do
	check "writes fail, $place" during "$place" fail_writes heal
done
finish
