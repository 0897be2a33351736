#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: what is named as a backup has to be one, in whatever form it comes:
# stripes of one backup, all of them, each in its place, as the manifest says,
# also where somebody has put the sums right.
. "$top_srcdir/tests/init.sh"

"$SAMPLE" make a.db 1MiB delete >/dev/null
"$SAMPLE" make b.db 1MiB delete >/dev/null
make_backup() {
	"$VDIBACKUP" backup --engine "sqlite:$tmp/$1.db" -d "$1" -S s -q --to "$2" \
		-n 2 || fail_ "backup of $1"
}
make_backup a st
make_backup b st
only_of() {
	find "st/s/$1" -name manifest.json -exec dirname {} \;
}
good=$(only_of a)
other=$(only_of b)
one='stripe-1of2.bak.zst'
two='stripe-2of2.bak.zst'

cat > restore_t << END
#!/bin/sh
exec "$VDIBACKUP" restore --engine "sqlite:$tmp/t.db" -d T -q "\$@"
END
chmod +x restore_t
PATH=$tmp:$PATH

for stripe in 1 2; do
	"$VDIBACKUP" cat "$good/stripe-${stripe}of2.bak.zst" > a$stripe.bak
	"$VDIBACKUP" cat "$other/stripe-${stripe}of2.bak.zst" > b$stripe.bak
done

# The sizes that the manifest has, and the sums, to what is there.
fit() {
	awk -v one="$(stat -c %s $one)" -v two="$(stat -c %s $two)" '
		/"stored_bytes"/ { sub(/[0-9]+/, n++ ? two : one) } 1
	' manifest.json > x && mv x manifest.json &&
		sha256sum -- *.zst manifest.json > SHA256SUMS
}

# refuse WORDS COMMAND...: a copy of the good backup, changed by the command in
# its folder, with sums that fit the change.
refuse() {
	words=$1
	shift
	rm -rf bad
	mkdir bad
	bad=bad/20260101T000000Z-full
	cp -r "$good" $bad
	(cd $bad && "$@" && fit) || fail_ "cannot change it: $*"
	status 9 "$VDIBACKUP" verify $bad
	says "$words"
	status 9 restore_t --from $bad
	says "$words"
	check "nothing was restored: $words" test ! -e t.db
}
swap() {
	mv $one x && mv $two $one && mv x $two
}
# The number or text of a member of the first stripe gets another digit.
edit() {
	sed -i "0,/\"$1\"/ s/\(\"$1\": *\"\{0,1\}\)./\1$2/" manifest.json
}
refuse 'is stripe 2 of 2, where stripe 1 of 2 belongs' swap
refuse 'another backup than its manifest' cp "$tmp/$other/$two" $two
refuse 'is no stripe file' cp "$tmp/a2.bak" $two
refuse 'raw size differs' edit raw_bytes 9
refuse 'digest of the raw stream differs' edit xxh128 "$(
	sed -n 's/.*"xxh128": *"\(.\).*/\1/p' "$good/manifest.json" |
		head -n 1 | tr 0-9a-f 1-9a-f0)"
refuse 'number of frames differs' edit frames 9

# ---- files by name ----
status 2 restore_t --from "$good/$one" --from "$good"
says 'a folder among files'
# shellcheck disable=SC2046  # many words
status 2 restore_t $(seq -f '--from=x%g' 65)
says 'at most 64 stripes'
status 2 "$VDIBACKUP" cat "$good"
says 'is a folder'
status 0 restore_t --from "$good/$two" --from "$good/$one"
check 'stripes may come in any order' "$SAMPLE" compare a.db t.db
rm -f t.db

# ---- plain streams ----
cp a1.bak a1-copy.bak
status 9 "$VDIBACKUP" verify "$good/$one" a2.bak
says 'is no stripe file, but others are'
status 0 "$VDIBACKUP" verify a2.bak a1.bak
status 9 "$VDIBACKUP" verify a1.bak
says 'family 2 is missing'
status 9 "$VDIBACKUP" verify a1.bak a1-copy.bak
says 'are the same family'
status 9 "$VDIBACKUP" verify a1.bak b2.bak
says 'another media set'
head -c 3000 a1.bak > cut.bak
status 9 "$VDIBACKUP" show cut.bak
says 'cut.bak'
status 0 restore_t --from a1.bak --from a2.bak
check 'plain streams are restored' "$SAMPLE" compare a.db t.db

# ---- a store with some of everything ----
mkdir nothing
status 3 "$VDIBACKUP" verify nothing
cp -r st mixed
mkdir -p mixed/s/a/20260101T000000Z-full mixed/s/a/20260102T000000Z-full.partial
status 9 "$VDIBACKUP" verify mixed
says '20260101T000000Z-full'
says 'BAD'
says "good: $(echo "$good" | sed 's/^st/mixed/')"
status 0 "$VDIBACKUP" verify st

# ---- the other forms of a target ----
status 0 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d a -S s -q \
	--to limited --limit-rate 1GiB
check 'a backup with a limit is one' "$VDIBACKUP" verify limited
status 0 "$VDIBACKUP" backup --engine "sqlite:$tmp/a.db" -d a -S s \
	--to x.bak.zst --dry-run
says 'x.bak.zst'
check 'a dry run writes nothing' test ! -e x.bak.zst
finish
