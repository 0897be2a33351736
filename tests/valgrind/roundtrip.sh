#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: memcheck finds nothing in either program while a backup is made,
# verified, shown and restored, and while one fails.  Not for `make check`:
# see `make check-valgrind`.
. "$top_srcdir/tests/init.sh"

memcheck="$top_srcdir/tests/valgrind/run"
mkdir bin
cat > bin/vdi-engine <<EOF
#!/bin/sh
exec sh '$memcheck' '$VDI_ENGINE' "\$@"
EOF
chmod +x bin/vdi-engine
VDIBACKUP_ENGINE=$tmp/bin/vdi-engine
export VDIBACKUP_ENGINE

# What memcheck has to say of the engine comes through its standard error.
run_vdibackup() {
	wanted=$1
	shift
	status "$wanted" sh "$memcheck" "$VDIBACKUP" "$@"
	check 'memcheck found nothing' sh -c "! grep memcheck: '$err'"
}

"$SAMPLE" make a.db 1MiB delete >/dev/null
run_vdibackup 0 backup --engine "sqlite:$tmp/a.db" -d A -S s --to st -n 3 \
	--max-transfer-size 64KiB
backup=$(only_backup st)
run_vdibackup 0 verify "$backup"
run_vdibackup 0 show "$backup"
run_vdibackup 0 list st
run_vdibackup 0 restore --engine "sqlite:$tmp/b.db" -d B --from "$backup" \
	--json
check 'the database is back' "$SAMPLE" compare a.db b.db
run_vdibackup 0 backup --engine "sqlite:$tmp/a.db" -d A -S s --to a.bak.zst
run_vdibackup 0 cat a.bak.zst

# What fails leaks nothing either.
run_vdibackup 8 backup --engine "sqlite:$tmp/a.db" -d A -S s --to st2 -n 2 \
	--inject sink-full
run_vdibackup 6 backup --engine "sqlite:$tmp/a.db" -d A -S s --to st2 -n 2 \
	--inject abort,command=3
run_vdibackup 1 backup --engine "sqlite:$tmp/a.db" -d A -S s --to st2 -n 2 \
	--engine-inject fail,command=2
run_vdibackup 1 backup --engine "sqlite:$tmp/none.db" -d A -S s --to st2
run_vdibackup 2 backup --no-such-option
printf 'x' | dd of="$backup/stripe-1of3.bak.zst" bs=1 \
	seek=5000 conv=notrunc 2>/dev/null
run_vdibackup 9 verify "$backup"
run_vdibackup 9 restore --engine "sqlite:$tmp/c.db" -d C --from "$backup"
finish
