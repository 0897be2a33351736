#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Stands in for vdi-engine: speaks its protocol, as FAKE_ENGINE says.
say() { printf '%s\n' "$1"; }
message() {
	say "{\"event\":\"message\",\"number\":$1,\"level\":$2,\"state\":1,\
\"line\":1,\"text\":\"$3\"}"
}
success() { message 3014 0 'BACKUP DATABASE successfully processed 5 pages.'; }

case $FAKE_ENGINE in
success)
	message 3211 0 '10 percent processed.'
	message 3211 0 '100 percent processed.'
	success
	say '{"event":"columns","names":["a"]}'
	say '{"event":"row","values":[1]}'
	say '{"event":"done","status":0}'
	exit 0 ;;
arguments)
	for arg; do message 1 0 "<$arg>"; done
	success
	say '{"event":"done","status":0}'
	exit 0 ;;
failure)
	message 3013 16 'BACKUP DATABASE is terminating abnormally.'
	message 18210 16 'Flush failure on backup device. Error 995(aborted).'
	message 911 16 'Database Sales does not exist.'
	say '{"event":"done","status":1}'
	exit 1 ;;
success-with-error)
	message 3043 16 'BACKUP detected an error on page (1:2).'
	success
	say '{"event":"done","status":0}'
	exit 0 ;;
unconfirmed)
	say '{"event":"done","status":0}'
	exit 0 ;;
wordless)
	echo 'the disk is on fire' >&2
	say '{"event":"done","status":1}'
	exit 1 ;;
disagree)
	success
	say '{"event":"done","status":0}'
	exit 3 ;;
usage)
	echo 'vdi-engine: unknown option' >&2
	echo 'try --help' >&2
	exit 2 ;;
garbage)
	success
	say 'Segmentation fault (or so)'
	say '{"event":"done","status":0}'
	exit 0 ;;
after-done)
	success
	say '{"event":"done","status":0}'
	message 3013 16 'late'
	exit 0 ;;
half)
	success
	printf '{"event":"done","sta'
	exit 0 ;;
die)
	success
	kill -KILL $$ ;;
huge)
	# A line longer than anybody keeps.
	head -c 3000000 /dev/zero | tr '\0' x
	say ''
	say '{"event":"done","status":0}'
	exit 0 ;;
quiet)
	# Goes on reading its own output's absence until it is told to stop.
	trap 'message 3013 16 stopped; say "{\"event\":\"done\",\"status\":1}"
	    exit 1' TERM
	message 3211 0 '10 percent processed.'
	while :; do read -r _ <"$FAKE_FIFO" || :; done ;;
deaf)
	trap '' TERM INT
	message 3211 0 '10 percent processed.'
	while :; do read -r _ <"$FAKE_FIFO" || :; done ;;
linger)
	trap '' TERM
	success
	say '{"event":"done","status":0}'
	while :; do read -r _ <"$FAKE_FIFO" || :; done ;;
group)
	message 1 0 "$$ $(ps -o pgid= -p $$ | tr -d ' ')"
	success
	say '{"event":"done","status":0}'
	exit 0 ;;
*)
	exit 99 ;;
esac
