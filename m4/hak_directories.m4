# SPDX-License-Identifier: MIT
# HAK_DIRECTORIES: refuses source and build directories whose names have white space, which make and libtool would split, with a line that
# says what to do (Automake refuses some of them too, with "unsafe srcdir value"). Directories to install into may have spaces.
AC_DEFUN([HAK_DIRECTORIES], [
  AS_CASE(["$srcdir"], [*[[[:space:]]]*],
    [AC_MSG_ERROR([the source directory "$srcdir" has white space in its name, which make cannot handle: unpack the sources elsewhere])])
  hak_pwd=`pwd`
  AS_CASE(["$hak_pwd"], [*[[[:space:]]]*],
    [AC_MSG_ERROR([the build directory "$hak_pwd" has white space in its name, which make cannot handle: build elsewhere])])
])
