#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: the stand-in for sqlcmd takes a statement as sqlcmd does, hands it to
# vdi-engine, and ends as sqlcmd would.
. "$top_srcdir/tests/init.sh"

sqlcmd=$top_srcdir/tools/sqlcmd
statement="BACKUP DATABASE [My Sales] TO VIRTUAL_DEVICE='nobody'"
VDI_ENGINE_DATABASES="Other=$tmp/other.db
My Sales=$tmp/my sales.db"
export VDI_ENGINE VDI_ENGINE_DATABASES
"$SAMPLE" make 'my sales.db' 1 delete >/dev/null

# A set that nobody has created: the server knows the database, and says so.
status 0 "$sqlcmd" -S . -U sa -P 'x y' -Q "$statement"
says "on backup device 'nobody'"
says 'terminating abnormally'
status 1 "$sqlcmd" -b -r1 -W -h -1 -S . -E -Q"$statement"
says "on backup device 'nobody'"

# From a file, into a file, from standard input, with GO and carriage returns.
printf '%s;\r\nGO\r\n' "$statement" > statement.sql
status 1 "$sqlcmd" -b -i statement.sql -o answer
check 'the answer is in the file' grep -q "device 'nobody'" answer
status 1 sh -c "'$sqlcmd' -b < statement.sql"
says "on backup device 'nobody'"

status 1 "$sqlcmd" -b -Q 'BACKUP DATABASE None TO VIRTUAL_DEVICE=N'\''x'\'
says "Database 'None' does not exist"
status 1 "$sqlcmd" -b -Q 'SELECT 1'
says "Incorrect syntax near 'SELECT'"

# More options for the engine; and what it cannot do.
status 1 env VDI_ENGINE_OPTIONS='--messages json --queue-depth 2' \
	"$sqlcmd" -b -Q "$statement"
says '"event":"message"'
status 1 env VDI_ENGINE=nowhere/engine "$sqlcmd" -Q "$statement"
says "there is no 'nowhere/engine'"
status 1 "$sqlcmd" -Q "$statement" -i nowhere.sql
says "cannot read 'nowhere.sql'"
status 1 "$sqlcmd" -Q "$statement" -o nowhere/answer
says "cannot write 'nowhere/answer'"
status 1 "$sqlcmd" -Q
says 'needs a value'
status 1 "$sqlcmd" -J
says 'unknown option'
finish
