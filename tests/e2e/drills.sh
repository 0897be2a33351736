#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: every drill fires, ends in bounded time with the right status, and
# leaves nothing behind that looks like a backup.
. "$top_srcdir/tests/init.sh"

"$SAMPLE" make a.db 8MiB delete >/dev/null
MAXIMUM=15 # seconds a drill may take to end; doubled stalls included

# drill STATUSES OPTION...: run a backup with the options.
drill() {
	wanted_=$1
	shift
	rm -rf st
	within $MAXIMUM "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s \
		--to st -n 2 --max-transfer-size 64KiB "$@" > "$out" 2> "$err"
	got_=$?
	case " $wanted_ " in
	*" $got_ "*) pass_ "status $got_: $*" ;;
	*)
		fail_ "status $got_ instead of $wanted_: $*"
		show_
		;;
	esac
	says 'drill'
	check "nothing looks like a backup" no_backup_below st
	check 'nothing in shared memory' shm_is_clean
	check 'the engine has ended' until_true 5 no_engine
}

for place in '' ,command=3 ,device=2,command=5 ,after=1MiB; do
	drill 6 --inject "abort$place"
	drill 6 --inject "fail$place,code=disk-full"
	drill '1 6' --engine-inject "abort$place"
	drill 1 --engine-inject "fail$place"
	drill '1 6' --engine-inject "kill$place"
	drill 137 --inject "kill$place"
done
drill 6 --inject fail,code=write-fault,device=1
drill 7 --inject stall=60,command=4 --stall-timeout 1s
drill 7 --engine-inject stall=60,command=4 --stall-timeout 1s
drill 7 --engine-inject stall=60,at=devices --configure-timeout 1s
says 'the server did not open the devices within 1 s'

drill '1 6' --inject sql-cancel,command=2
drill 7 --inject drop,command=3 --stall-timeout 1s
drill 6 --inject close-early,command=3
drill 8 --inject sink-full
drill 8 --inject sink-error,device=2

# A stall that ends is no failure; but a drill never passes for a backup.
rm -rf st
status 0 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s --to st -n 2 \
	--inject stall=1,command=2
says 'drill'
backup=$(only_backup st)
check 'the manifest names the drill' grep -q stall "$backup/manifest.json"

# Also one that fires when all else is done.
rm -rf st
status 0 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s --to st -n 2 \
	--inject stall=1,at=commit
check 'the manifest names a late drill' \
	grep -q stall "$(only_backup st)/manifest.json"

# A file has no manifest to tell of the damage in it.
status 9 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s \
	--to c.bak.zst --inject corrupt
check 'a damaged file does not get its name' test ! -e c.bak.zst

# A command may take its time with the end of its input, also where the server
# does not wait for it.
cat > plain-engine <<EOF
#!/bin/sh
exec "$VDI_ENGINE" --no-complete "\$@"
EOF
chmod +x plain-engine
VDIBACKUP_ENGINE="$tmp/plain-engine" \
	status 0 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s \
	--to 'exec:cat >/dev/null; timeout 7 tail -f /dev/null; :'

# Nor is it a stall while an answer is held back for the other stripe.
cat > turn-engine <<EOF
#!/bin/sh
exec "$VDI_ENGINE" --complete-order sequential "\$@"
EOF
chmod +x turn-engine
VDIBACKUP_ENGINE="$tmp/turn-engine" \
	status 0 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s \
	--to turn -n 2 --stall-timeout 1s
says "waits for each device's"

# A drill that had nothing to hit says so.
rm -rf st
status 0 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s --to st -n 2 \
	--inject abort,after=1TiB
says 'did not fire'

# The way back.
rm -rf st
"$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d A -S s --to st -n 2 -q || fail_ backup
backup=$(only_backup st)
restore_drill() {
	wanted_=$1
	shift
	rm -f t.db
	within $MAXIMUM "$VDIBACKUP" restore --engine "sqlite:$tmp/t.db" -d T \
		--from "$backup" "$@" > "$out" 2> "$err"
	got_=$?
	case " $wanted_ " in
	*" $got_ "*) pass_ "status $got_: restore $*" ;;
	*)
		fail_ "status $got_ instead of $wanted_: restore $*"
		show_
		;;
	esac
	says 'drill'
	check 'nothing was restored' test ! -e t.db
	check 'nothing in shared memory' shm_is_clean
	check 'the engine has ended' until_true 5 no_engine
}
restore_drill 6 --inject abort,command=2
restore_drill 6 --inject fail,code=read-fault,command=3
restore_drill '1 6' --inject sql-cancel,command=2
restore_drill '1 6' --engine-inject abort,command=3
restore_drill '1 6' --engine-inject kill,command=3
restore_drill 137 --inject kill,command=3
restore_drill 7 --inject stall=60,command=2 --stall-timeout 1s

# A stripe that is not the manifest's does not replace a database.
cp "$backup/manifest.json" manifest.good
cp "$backup/SHA256SUMS" sums.good
"$SAMPLE" make t.db 1MiB delete >/dev/null
cp t.db old.db
sed '/"sha256"/y/0134789bcdf/1043897cbfd/' manifest.good > "$backup/manifest.json"
(cd "$backup" && sha256sum -- *.zst manifest.json > SHA256SUMS)
status 9 "$VDIBACKUP" restore --engine "sqlite:$tmp/t.db" -d T --from "$backup" \
	--replace
says 'SHA-256 differs'
check 'the database is the old one' cmp -s old.db t.db
cp manifest.good "$backup/manifest.json"
cp sums.good "$backup/SHA256SUMS"
rm -f t.db
status 0 "$VDIBACKUP" restore --engine "sqlite:$tmp/t.db" -d T --from "$backup" -q
check 'and without a drill it works' "$SAMPLE" compare a.db t.db
finish
