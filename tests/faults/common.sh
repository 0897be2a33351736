# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the scripts of this folder share.

preload=$top_builddir/tests/faults/.libs/faults.so
side=$tmp/side
case ${SANITIZERS:-no} in
*thread*)
	skip 'the object that is preloaded is beyond ThreadSanitizer'
	exit 77
	;;
esac
test -e "$preload" || {
	skip "there is no $preload"
	exit 77
}
# A configuration of OpenSSL's is thousands of allocations that are not ours.
OPENSSL_CONF=/dev/null
export OPENSSL_CONF

# AddressSanitizer wants to be asked for memory first, which ours is, and asks
# it; what it finds has a status of its own.
ASAN_OPTIONS=verify_asan_link_order=0:exitcode=99:detect_leaks=1
export ASAN_OPTIONS

# faulted SPEC PROGRAM...: run with a deadline and a call that fails.
faulted() {
	spec_=$1
	shift
	timeout -k 5 $((20 * slower)) env LD_PRELOAD="$preload" \
		FAULT_NTH="$spec_" FAULT_SIDE="$side" "$@"
}

sanitizer_is_silent() {
	! grep -q -e 'Sanitizer' -e 'runtime error:' "$err"
}
