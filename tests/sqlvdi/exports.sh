#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: libsqlvdi.so exports what the vendor's class header needs and nothing
# else, leans on the C library alone, and neither prints nor ends a process.
. "$top_srcdir/tests/init.sh"

library=$top_builddir/.libs/libsqlvdi.so
for tool in "${NM:=nm}" readelf; do
	command -v "$tool" >/dev/null || {
		skip "there is no '$tool' here"
		exit 77
	}
done

# Spec 23.3, with both variants of constructors and destructors.
sort > wanted <<'LIST'
_ZN19ClientVirtualDevice10GetCommandElPP11VDC_Command
_ZN19ClientVirtualDevice15CompleteCommandEP11VDC_Commandiml
_ZN19ClientVirtualDeviceC1Ev
_ZN19ClientVirtualDeviceC2Ev
_ZN19ClientVirtualDeviceD1Ev
_ZN19ClientVirtualDeviceD2Ev
_ZN22ClientVirtualDeviceSet10OpenDeviceEPcPP19ClientVirtualDevice
_ZN22ClientVirtualDeviceSet11SignalAbortEv
_ZN22ClientVirtualDeviceSet15GetBufferHandleEPhPj
_ZN22ClientVirtualDeviceSet15MapBufferHandleEiPPh
_ZN22ClientVirtualDeviceSet15OpenInSecondaryEPc
_ZN22ClientVirtualDeviceSet16GetConfigurationElP8VDConfig
_ZN22ClientVirtualDeviceSet20RegisterDeviceClosedEv
_ZN22ClientVirtualDeviceSet5CloseEv
_ZN22ClientVirtualDeviceSet6CreateEPcP8VDConfig
_ZN22ClientVirtualDeviceSetC1Ev
_ZN22ClientVirtualDeviceSetC2Ev
_ZN22ClientVirtualDeviceSetD1Ev
_ZN22ClientVirtualDeviceSetD2Ev
LIST
"$NM" -D --defined-only "$library" | awk '{ print $NF }' | sort > found
check 'exports exactly the documented names' diff wanted found
check 'all of them are functions' \
	test "$("$NM" -D --defined-only "$library" | grep -c ' T ')" -eq 19

# name@VERSION or name@@VERSION -> name; "w" is weak.
"$NM" -D -u "$library" | awk '{ sub(/@.*/, "", $2); print $1, $2 }' > needs
# never WHAT REGULAR-EXPRESSION: no name that is needed matches all of it.
never() {
	check "$1" sh -c "! grep -E ' ($2)\$' needs"
}
# What gcov adds to a library ends the process and prints.
if test "${COVERAGE:-no}" = no; then
	never 'does not end the process' \
		'abort|_?exit|_Exit|quick_exit|__assert_fail|raise|kill'
	never 'does not print' \
		'puts|putchar|perror|fwrite|fputs|fputc|stdout|stderr|v?syslog'
	never 'does not print in a format' \
		'(__)?(v|f|d|vf|vd)?printf(_chk)?'
else
	skip 'what it must not call, in a build for gcov'
fi
never 'waits with deadlines only' \
	'sleep|usleep|nanosleep|sem_wait|pause|sigsuspend'
# Allocation of the program that loads it, where that is C++.
check 'of C++ it takes operator new and delete, if they are there' \
	test "$(grep -c '^w _Z' needs)-$(grep -c '^U _Z' needs)" = 2-0

readelf -d "$library" > dynamic
check 'names itself without a version' \
	grep -q 'SONAME.*\[libsqlvdi.so\]' dynamic
check 'has no path to search' sh -c '! grep -E "RPATH|RUNPATH" dynamic'
# A sanitizer brings libraries of its own, as does an old C library.
if test "${SANITIZERS:-no}" = no; then
	alone='\[(libc|libpthread|librt|ld-linux-[a-z0-9-]*)\.so'
	check 'needs the C library alone' \
		sh -c "! grep NEEDED dynamic | grep -v -E '$alone'"
else
	skip 'what it needs, in a sanitized build'
fi
check 'needs no executable stack, nor text to be written' sh -c "
	readelf -lW '$library' | grep GNU_STACK | grep -q 'RW ' &&
	! grep TEXTREL dynamic"
finish
