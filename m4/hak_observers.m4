# SPDX-License-Identifier: MIT
# HAK_OBSERVERS: what lets other tools see into the library, where the headers for it are: probes, and what is said to valgrind. Comes after AC_PROG_CC.

# HAK_OBSERVER(OPTION, VARIABLE, HEADER, DEBIAN-PACKAGE, MACRO, TEXT): VARIABLE, which is yes, no or auto, becomes yes or no.
AC_DEFUN([HAK_OBSERVER], [
  AS_IF([test "x$[]$2" != xno], [
    AC_CHECK_HEADER([$3], [hak_found=yes], [hak_found=no])
    AS_IF([test "x$[]$2$hak_found" = xyesno],
      [AC_MSG_ERROR([--enable-$1 needs <$3> (Debian package: $4)])])
    $2=$hak_found])
  AS_IF([test "x$[]$2" = xyes], [AC_DEFINE([$5], [1], [$6])])
])

AC_DEFUN([HAK_OBSERVERS], [
  HAK_OBSERVER([probes], [enable_probes], [sys/sdt.h], [systemtap-sdt-dev], [HAK_PROBES],
    [Define to 1 to compile the probes for tracers in.])
  HAK_OBSERVER([valgrind], [enable_valgrind], [valgrind/memcheck.h], [valgrind], [HAK_VALGRIND],
    [Define to 1 to compile in what is said to valgrind.])
])
