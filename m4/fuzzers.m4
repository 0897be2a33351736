# SPDX-License-Identifier: Apache-2.0
# VDIBACKUP_FUZZERS
# --enable-fuzzers links the fuzz targets with libFuzzer and compiles everything
# for it, under AddressSanitizer and UBSan unless other sanitizers are asked
# for.  Without it the targets run on files that are given to them.
AC_DEFUN([VDIBACKUP_FUZZERS], [
  AC_REQUIRE([VDIBACKUP_SANITIZERS])
  AC_ARG_ENABLE([fuzzers],
    [AS_HELP_STRING([--enable-fuzzers],
      [build the fuzz targets for libFuzzer; needs clang])],
    [], [enable_fuzzers=no])
  FUZZ_CFLAGS=
  FUZZ_LDFLAGS=
  AS_IF([test "x$enable_fuzzers" = xyes], [
    FUZZ_CFLAGS="-fsanitize=fuzzer-no-link"
    FUZZ_LDFLAGS="-fsanitize=fuzzer"
    AS_IF([test -z "$SANITIZE_CFLAGS"],
      [SANITIZE_CFLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g -O1"
       enable_sanitizers=address,undefined])
    AC_CACHE_CHECK([whether $CC links libFuzzer],
      [vdibackup_cv_cc_fuzzer], [
      saved_CFLAGS=$CFLAGS
      CFLAGS="$CFLAGS $SANITIZE_CFLAGS $FUZZ_LDFLAGS"
      AC_LINK_IFELSE([AC_LANG_SOURCE([[
#include <stddef.h>
#include <stdint.h>
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{ return (size > 0 && *data > 255); }
        ]])], [vdibackup_cv_cc_fuzzer=yes], [vdibackup_cv_cc_fuzzer=no])
      CFLAGS=$saved_CFLAGS])
    AS_IF([test "$vdibackup_cv_cc_fuzzer" = no],
      [AC_MSG_ERROR([--enable-fuzzers needs CC=clang and its libFuzzer])])
  ])
  AM_CONDITIONAL([FUZZERS], [test "x$enable_fuzzers" = xyes])
  AC_SUBST([FUZZ_CFLAGS])
  AC_SUBST([FUZZ_LDFLAGS])
])
