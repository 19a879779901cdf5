# SPDX-License-Identifier: MIT
# HAK_WARNINGS: WARN_CFLAGS for all our C, and WARN_LIB_CFLAGS on top of them for the library, where a silent narrowing of a size is a bug;
# --enable-werror makes them errors (the test line of the README does).
AC_DEFUN([HAK_WARNINGS], [
  AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [treat compiler warnings as errors])], [], [enable_werror=no])
  WARN_CFLAGS="-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wundef -Wvla"
  # An empty format is a cell without text.
  WARN_CFLAGS="$WARN_CFLAGS -Wno-format-zero-length"
  WARN_LIB_CFLAGS="-Wconversion -Wno-sign-conversion"
  WARN_CXXFLAGS="-Wall -Wextra -Wshadow"
  AS_IF([test "x$enable_werror" = xyes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"; WARN_CXXFLAGS="$WARN_CXXFLAGS -Werror"])
  AC_SUBST([WARN_CFLAGS])
  AC_SUBST([WARN_LIB_CFLAGS])
  AC_SUBST([WARN_CXXFLAGS])
])
