# SPDX-License-Identifier: MIT
# HAK_YES_OR_NO(OPTION, VARIABLE, [DEFAULT]): refuses --enable-OPTION=ANYTHING-ELSE.
AC_DEFUN([HAK_YES_OR_NO], [
  AS_CASE([$[]$2], [yes | no | m4_default([$3], [yes])], [], [AC_MSG_ERROR([--enable-$1=$[]$2: expected yes or no])])
])

# HAK_OPTIONS: the configure switches of the library itself, and whether anything else is built.
AC_DEFUN([HAK_OPTIONS], [
  AC_ARG_ENABLE([tools], [AS_HELP_STRING([--disable-tools],
    [build the library and its tests alone, not hakmem-tune and hakmem-bench])], [], [enable_tools=yes])
  HAK_YES_OR_NO([tools], [enable_tools])
  AM_CONDITIONAL([TOOLS], [test "x$enable_tools" = xyes])

  AC_ARG_WITH([html-report], [AS_HELP_STRING([--with-html-report=FILE],
    [Chart.js 3 or 4 (chart.min.js), for hakmem-tune's HTML reports; it is sought where Debian has it. --without-html-report builds without them])],
    [], [with_html_report=yes])

  AC_ARG_ENABLE([interpose], [AS_HELP_STRING([--disable-interpose],
    [export only the hak_ names, not malloc, free and operator new])], [], [enable_interpose=yes])
  HAK_YES_OR_NO([interpose], [enable_interpose])
  AM_CONDITIONAL([INTERPOSE], [test "x$enable_interpose" = xyes])
  AS_IF([test "x$enable_interpose" = xyes],
    [AC_DEFINE([HAK_INTERPOSE], [1], [Define to 1 if the library replaces the C library's allocator.])])

  AC_ARG_ENABLE([linked-yaml], [AS_HELP_STRING([--enable-linked-yaml],
    [link libyaml, instead of loading it when a profile is to be read (a build without a shared library always links it)])], [], [enable_linked_yaml=no])
  HAK_YES_OR_NO([linked-yaml], [enable_linked_yaml])
  AS_IF([test "x$enable_shared" = xno], [enable_linked_yaml=yes])
  AM_CONDITIONAL([LINKED_YAML], [test "x$enable_linked_yaml" = xyes])
  AS_IF([test "x$enable_linked_yaml" = xyes],
    [AC_DEFINE([HAK_LINKED_YAML], [1], [Define to 1 if libyaml is linked, not loaded at need.])])

  AC_ARG_ENABLE([probes], [AS_HELP_STRING([--disable-probes],
    [leave out the probes for perf, bpftrace and gdb; they are compiled in where <sys/sdt.h> is, and with --enable-probes it has to be])],
    [], [enable_probes=auto])
  HAK_YES_OR_NO([probes], [enable_probes], [auto])

  AC_ARG_ENABLE([valgrind], [AS_HELP_STRING([--disable-valgrind],
    [leave out what is said to valgrind; it is compiled in where <valgrind/memcheck.h> is, and with --enable-valgrind it has to be])],
    [], [enable_valgrind=auto])
  HAK_YES_OR_NO([valgrind], [enable_valgrind], [auto])

  AC_ARG_ENABLE([debug], [AS_HELP_STRING([--enable-debug], [compile the internal assertions in])], [], [enable_debug=no])
  HAK_YES_OR_NO([debug], [enable_debug])
  AS_IF([test "x$enable_debug" = xyes],
    [AC_DEFINE([HAK_DEBUG], [1], [Define to 1 to compile the internal assertions in.])])

  AC_ARG_ENABLE([sanitize], [AS_HELP_STRING([--enable-sanitize=LIST],
    [build with -fsanitize=LIST (thread, or address,undefined); needs --disable-interpose])], [], [enable_sanitize=no])
  SANITIZE_CFLAGS=
  AS_CASE([$enable_sanitize],
    [no], [],
    [yes], [AC_MSG_ERROR([--enable-sanitize needs a value: --enable-sanitize=thread or --enable-sanitize=address,undefined])],
    [AS_IF([test "x$enable_interpose" = xyes],
       [AC_MSG_ERROR([--enable-sanitize needs --disable-interpose: a sanitizer brings a malloc of its own])])
     SANITIZE_CFLAGS="-fsanitize=$enable_sanitize -fno-omit-frame-pointer -g"])
  AC_SUBST([SANITIZE_CFLAGS])
  AM_CONDITIONAL([SANITIZE], [test "x$enable_sanitize" != xno])
  AM_CONDITIONAL([SANITIZE_THREAD], [test "x$enable_sanitize" = xthread])

  AC_ARG_WITH([profile], [AS_HELP_STRING([--with-profile=FILE],
    [bake the tuning profile FILE in as compile-time constants])], [], [with_profile=no])
  AS_CASE([$with_profile],
    [yes], [AC_MSG_ERROR([--with-profile needs a file: --with-profile=FILE.yaml])],
    [no], [BAKED_PROFILE=],
    [AS_IF([test -f "$with_profile" && test -r "$with_profile"], [],
       [AC_MSG_ERROR([--with-profile: $with_profile is not a file that can be read])])
     BAKED_PROFILE=$(cd "$(dirname "$with_profile")" && pwd)/$(basename "$with_profile")
     AS_CASE(["$BAKED_PROFILE"], [*[[[:space:]]]*],
       [AC_MSG_ERROR([--with-profile: "$BAKED_PROFILE" has white space in its name, which make cannot handle: copy it elsewhere])])
     AC_DEFINE([HAK_BAKED_PROFILE], [1], [Define to 1 if a profile is compiled in as constants.])])
  AC_SUBST([BAKED_PROFILE])
  AM_CONDITIONAL([BAKED], [test "x$with_profile" != xno])
])

# HAK_CROSS: what a cross build needs to be told, and what it cannot do. Comes after AC_PROG_CC, which knows whether this is one.
AC_DEFUN([HAK_CROSS], [
  AC_ARG_VAR([TEST_RUNNER], [what runs a test program of a cross build, with its options (qemu-aarch64 -L /usr/aarch64-linux-gnu)])
  AS_IF([test "x$cross_compiling" = xyes && test "x$with_profile" != xno],
    [AC_MSG_ERROR([--with-profile cannot be had in a cross build: hakmem-bake, which compiles the profile, would have to run here])])
])
