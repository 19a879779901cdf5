# HAK_DEPENDENCIES: finds every library first and complains once, naming the Debian package that brings each missing one.
AC_DEFUN([HAK_DEPENDENCIES], [
  PKG_PROG_PKG_CONFIG
  hak_missing=
  m4_define([HAK_NEED], [PKG_CHECK_MODULES([$1], [$2], [], [hak_missing="$hak_missing
  $2 (Debian package: $3)"])])
  HAK_NEED([YAML], [yaml-0.1], [libyaml-dev])
  HAK_NEED([GSL], [gsl], [libgsl-dev])
  HAK_NEED([HWLOC], [hwloc >= 2.0], [libhwloc-dev])
  HAK_NEED([JANSSON], [jansson], [libjansson-dev])
  HAK_NEED([CMOCKA], [cmocka], [libcmocka-dev])
  AS_IF([test -n "$hak_missing"],
    [AC_MSG_ERROR([these libraries are missing:$hak_missing
Install them with your package manager, or run ./bootstrap, which does so on Debian.])])
])
