# SPDX-License-Identifier: Apache-2.0
# VDIBACKUP_CXX
# A C++ compiler, for tests of the stand-in only: programs that use the
# vendor's library are C++.  Nothing else needs one, so automake and libtool
# are not told of it, and where there is none those tests are left out.
AC_DEFUN([VDIBACKUP_CXX], [
  AC_ARG_VAR([CXX], [C++ compiler, for tests of libsqlvdi.so])
  AC_ARG_VAR([CXXFLAGS], [C++ compiler flags])
  # A sanitizer's library is that of the compiler.
  AS_CASE([$CC],
    [*clang*], [AC_CHECK_TOOLS([CXX], [clang++ g++ c++], [none])],
    [AC_CHECK_TOOLS([CXX], [g++ clang++ c++], [none])])
  test -n "$CXXFLAGS" || CXXFLAGS='-O2 -g'
  have_cxx=no
  AS_IF([test "$CXX" != none], [
    AC_CACHE_CHECK([whether $CXX makes programs], [vdibackup_cv_cxx], [
      cat > conftest.cc <<_ACEOF
#include <thread>
int main() { std::thread([[] { }]).join(); }
_ACEOF
      AS_IF([AC_TRY_COMMAND([$CXX -std=c++11 $SANITIZE_CFLAGS $CXXFLAGS -o conftest$EXEEXT conftest.cc -lpthread >&AS_MESSAGE_LOG_FD])],
        [vdibackup_cv_cxx=yes], [vdibackup_cv_cxx=no])
      rm -f conftest.cc conftest$EXEEXT])
    have_cxx=$vdibackup_cv_cxx])
  AS_IF([test "$have_cxx" = no],
    [AC_MSG_NOTICE([no C++ compiler: libsqlvdi.so is not tested with C++ programs])])
  CXX_WARN_CFLAGS='-Wall -Wextra -Wshadow'
  AS_IF([test "x$enable_werror" = xyes],
    [CXX_WARN_CFLAGS="$CXX_WARN_CFLAGS -Werror"])
  AC_SUBST([CXX_WARN_CFLAGS])
  AM_CONDITIONAL([HAVE_CXX], [test "$have_cxx" = yes])
])
