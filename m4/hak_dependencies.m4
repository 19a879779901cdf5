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

# HAK_NEED_CHART_JS: sets CHART_JS, for hakmem-tune's HTML reports; empty without them.
AC_DEFUN([HAK_NEED_CHART_JS], [
  CHART_JS=
  AS_CASE([$with_html_report],
    [no], [],
    [yes],
      [AC_MSG_CHECKING([for Chart.js])
       for hak_file in /usr/share/javascript/chart.js/chart.min.js /usr/share/nodejs/chart.js/dist/chart.min.js \
           /usr/share/nodejs/chart.js/dist/chart.umd.js /usr/lib/node_modules/chart.js/dist/chart.umd.js; do
         AS_IF([head -n 3 "$hak_file" 2>/dev/null | grep 'Chart\.js v@<:@3-9@:>@' >/dev/null], [CHART_JS=$hak_file; break])
       done
       AC_MSG_RESULT([${CHART_JS:-no}])
       AS_IF([test -z "$CHART_JS"], [hak_missing="$hak_missing
    Chart.js 3 or later (Debian package: libjs-chart.js; or --with-html-report=FILE, or --without-html-report)"])],
    [AS_IF([head -n 3 "$with_html_report" 2>/dev/null | grep 'Chart\.js v@<:@3-9@:>@' >/dev/null],
       [CHART_JS=`cd "\`dirname "$with_html_report"\`" && pwd`/`basename "$with_html_report"`],
       [AC_MSG_ERROR([--with-html-report: $with_html_report is not Chart.js 3 or later (chart.min.js)])])
     AS_CASE(["$CHART_JS"], [*[[[:space:]]]*],
       [AC_MSG_ERROR([--with-html-report: "$CHART_JS" has white space in its name, which make cannot handle: copy it elsewhere])])])
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
    HAK_NEED_LIBRARY([JANSSON], [jansson], [libjansson-dev])
    HAK_NEED_CHART_JS])
  AC_SUBST([CHART_JS])
  AM_CONDITIONAL([HTML_REPORT], [test -n "$CHART_JS"])
  AS_IF([test -n "$CHART_JS"],
    [AC_DEFINE([HAK_HTML_REPORT], [1], [Define to 1 if hakmem-tune writes HTML reports.])])
  HAK_NEED_LIBRARY([CMOCKA], [cmocka], [libcmocka-dev])
  AS_IF([test -n "$hak_missing"],
    [AC_MSG_ERROR([these are missing:$hak_missing
Install them with your package manager, or run ./bootstrap, which does so on Debian.])])
])
