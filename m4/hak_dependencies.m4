# SPDX-License-Identifier: MIT
# HAK_DEPENDENCIES: looks for every tool and library first and complains once, with the Debian package that brings each missing one.
# What only the tools need is not sought with --disable-tools. CXX=no says that there is no C++ compiler: then what it would test is not built.
# Comes before AC_PROG_CC, which would end configure at the first missing compiler.

# HAK_NEED_PROGRAM(VARIABLE, PROGRAMS, DEBIAN-PACKAGE): one of PROGRAMS, unless the user names another in VARIABLE (CC=..., CXX=...).
AC_DEFUN([HAK_NEED_PROGRAM], [
  AS_VAR_IF([$1], [],
    [AC_CHECK_PROGS([hak_found_$1], [$2])
     AS_VAR_IF([hak_found_$1], [], [hak_missing="$hak_missing
    m4_normalize([$2]) (Debian package: $3)"])])
])

# HAK_NEED_LIBRARY(VARIABLE-PREFIX, PKG-CONFIG-MODULE, DEBIAN-PACKAGE)
AC_DEFUN([HAK_NEED_LIBRARY], [
  PKG_CHECK_MODULES([$1], [$2], [], [hak_missing="$hak_missing
    $2 (Debian package: $3)"])
])

AC_DEFUN([HAK_DEPENDENCIES], [
  m4_ifndef([PKG_PROG_PKG_CONFIG],
    [m4_fatal([pkg.m4 is not here: install pkg-config (Debian package: pkg-config) and run ./bootstrap again])])
  hak_missing=
  HAK_NEED_PROGRAM([CC], [gcc cc clang], [gcc])
  HAK_NEED_PROGRAM([CXX], [g++ c++ clang++], [g++])
  HAK_NEED_PROGRAM([MAKE], [make gmake], [make])
  PKG_PROG_PKG_CONFIG
  AS_IF([test -z "$PKG_CONFIG"], [hak_missing="$hak_missing
    pkg-config (Debian package: pkg-config), without which none of the libraries below can be found"])
  HAK_NEED_LIBRARY([YAML], [yaml-0.1], [libyaml-dev])
  AS_IF([test "x$enable_tools" = xyes], [
    HAK_NEED_LIBRARY([GSL], [gsl], [libgsl-dev])
    HAK_NEED_LIBRARY([HWLOC], [hwloc >= 2.0], [libhwloc-dev])
    HAK_NEED_LIBRARY([JANSSON], [jansson], [libjansson-dev])])
  HAK_NEED_LIBRARY([CMOCKA], [cmocka], [libcmocka-dev])
  AS_IF([test -n "$hak_missing"],
    [AC_MSG_ERROR([these are missing:$hak_missing
Install them with your package manager, or run ./bootstrap, which does so on Debian.])])
])
