# SPDX-License-Identifier: Apache-2.0
# VDIBACKUP_SANITIZERS
# --enable-sanitizers=LIST compiles everything with -fsanitize=LIST; the first
# report ends the program.
AC_DEFUN([VDIBACKUP_SANITIZERS], [
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers=LIST],
      [compile with -fsanitize=LIST, such as address,undefined or thread])],
    [], [enable_sanitizers=no])
  SANITIZE_CFLAGS=
  AS_CASE([$enable_sanitizers],
    [no], [],
    [yes], [SANITIZE_CFLAGS="-fsanitize=address,undefined"],
    [SANITIZE_CFLAGS="-fsanitize=$enable_sanitizers"])
  AS_IF([test -n "$SANITIZE_CFLAGS"],
    [SANITIZE_CFLAGS="$SANITIZE_CFLAGS -fno-sanitize-recover=all -fno-omit-frame-pointer -g -O1"])
  AC_SUBST([SANITIZE_CFLAGS])
  AC_SUBST([enable_sanitizers])
])

# VDIBACKUP_COVERAGE
# --enable-coverage compiles everything for gcov; threads count together.
AC_DEFUN([VDIBACKUP_COVERAGE], [
  AC_ARG_ENABLE([coverage],
    [AS_HELP_STRING([--enable-coverage], [compile for gcov])],
    [], [enable_coverage=no])
  COVERAGE_CFLAGS=
  AS_IF([test "x$enable_coverage" = xyes],
    [COVERAGE_CFLAGS="--coverage -fprofile-update=atomic -O0 -g"
     COVERAGE_CFLAGS="$COVERAGE_CFLAGS -include \$(top_srcdir)/build-aux/coverage.h"])
  AC_SUBST([COVERAGE_CFLAGS])
  AC_SUBST([enable_coverage])
])
