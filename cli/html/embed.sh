#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# embed.sh NAME FILE [NAME FILE...]: the files as arrays of C.
set -eu
echo "/* Made by cli/html/embed.sh. */"
echo '#include "cli/html/assets.h"'
while [ $# -gt 0 ]; do
    [ -r "$2" ] || { echo "embed.sh: cannot read $2" >&2; exit 1; }
    echo "const unsigned char $1[] = {"
    od -An -v -tu1 "$2" | sed 's/[0-9][0-9]*/&,/g'
    echo "};"
    echo "const size_t $1_size = sizeof $1;"
    shift 2
done
