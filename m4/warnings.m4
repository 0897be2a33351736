# SPDX-License-Identifier: Apache-2.0
# VDIBACKUP_WARNINGS
# A strict warning set in WARN_CFLAGS; errors in a git checkout, so that a
# release tarball still builds with next year's compiler.
AC_DEFUN([VDIBACKUP_WARNINGS], [
  AC_ARG_ENABLE([werror],
    [AS_HELP_STRING([--enable-werror],
      [make warnings errors (default: in a git checkout)])],
    [],
    [AS_IF([test -e "$srcdir/.git"], [enable_werror=yes], [enable_werror=no])])
  WARN_CFLAGS=
  for flag in -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
      -Wold-style-definition -Wpointer-arith -Wcast-align -Wwrite-strings \
      -Wvla -Wundef -Wformat=2 -Wdate-time -Wnull-dereference \
      -Wimplicit-fallthrough -Wdouble-promotion -Wconversion \
      -Wno-sign-conversion -Wmissing-declarations -Wno-format-truncation
  do
    AS_VAR_PUSHDEF([CACHE], [vdibackup_cv_cc_$flag])
    AC_CACHE_CHECK([whether $CC takes $flag], [CACHE], [
      saved_CFLAGS=$CFLAGS
      CFLAGS="$CFLAGS -Werror $flag"
      AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
        [AS_VAR_SET([CACHE], [yes])], [AS_VAR_SET([CACHE], [no])])
      CFLAGS=$saved_CFLAGS])
    AS_VAR_IF([CACHE], [yes], [WARN_CFLAGS="$WARN_CFLAGS $flag"])
    AS_VAR_POPDEF([CACHE])
  done
  AS_IF([test "x$enable_werror" = xyes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
  AC_SUBST([WARN_CFLAGS])
])
