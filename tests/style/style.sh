# SPDX-License-Identifier: MIT
# What the scripts of this folder share, on top of the packaging tests' tap.sh. Sourced by bash scripts, which run in the source directory.
. "$top_srcdir/tests/build/tap.sh"
cd "$top_srcdir" || exit 99

# This tree is a checkout, whoever owns it. A tarball has files that git does not: what Autoconf and Automake made.
in_git() { [ -e .git ] && command -v git >/dev/null 2>&1 && git -c safe.directory='*' rev-parse --is-inside-work-tree >/dev/null 2>&1; }

# sources PATTERN...: the tree's files whose paths match one of the shell patterns (a * matches a slash as well).
sources() {
    local pattern conditions=()
    if in_git; then
        git -c safe.directory='*' ls-files -- "$@" | while IFS= read -r file; do [ ! -f "$file" ] || printf '%s\n' "$file"; done
    else
        for pattern; do conditions+=(${conditions:+-o} -path "./$pattern"); done
        find . -name build -prune -o -type f \( "${conditions[@]}" \) -print | sed 's,^\./,,' | sort
    fi
}

# need PROGRAM DESCRIPTION: ends a script whose tool is not there.
need() {
    command -v "$1" >/dev/null 2>&1 && return
    skip "$2" "$1 is not installed"
    finish
    exit 0
}

# each DESCRIPTION COMMAND FILE...: COMMAND's function is run for each FILE, on all processors; each is a result.
each() {
    local description=$1 command=$2 file
    shift 2
    export -f "$command"
    printf '%s\n' "$@" | xargs -P "$(getconf _NPROCESSORS_ONLN)" -d '\n' -I{} \
        bash -c 'log=$1/${3//\//+}; if "$2" "$3" >"$log.out" 2>&1; then : >"$log.good"; fi' _ "$scratch" "$command" {}
    for file; do
        ok "$description: $file" show "$scratch/${file//\//+}"
    done
}

# show LOG: what COMMAND printed, and whether it was good.
show() {
    cat "$1.out"
    [ -e "$1.good" ]
}
