# SPDX-License-Identifier: MIT
# For the scripts of this folder: runs under ThreadSanitizer. Sourced in place of harness/tap.sh, which it sources.
HAK_LIBRARY=none # the programs are linked with it
. "${top_srcdir:-$(dirname "$0")/../..}/tests/harness/tap.sh"

# A report ends the program, by a status of its own. In the child of a fork its parent's threads are no leak.
raced=66
TSAN_OPTIONS="halt_on_error=1 exitcode=$raced second_deadlock_stack=1 report_thread_leaks=0"
HAKMEM_PROFILE_STRICT=1
export TSAN_OPTIONS HAKMEM_PROFILE_STRICT
time_limit=120

# under_file PROFILE [NAME]: the programs from here on run under that profile.
under_file() {
    HAKMEM_PROFILE=$1
    export HAKMEM_PROFILE
    profile=", under ${2:-${1##*/}}"
}

# under LINES: under one with these lines.
under() {
    printf 'profile_version: 1\nname: threads\n%s\n' "$1" >"$scratch/threads.yaml"
    under_file "$scratch/threads.yaml" "$1"
}

by_default() {
    unset HAKMEM_PROFILE
    profile=
}
by_default

# run SOURCE [ARGUMENT...]: runs the program of that source, or $program; its status is in $status, and what it says in $scratch/said.
run() {
    binary=$build/${program:-tests/sanitize/${1##*/}}
    shift
    plain "$binary" "$@" >"$scratch/said" 2>&1 </dev/null
    status=$?
}

# free_of_races SOURCE [ARGUMENT...]: its program ends well, and nothing is reported. Where it prints TAP, its results are good.
free_of_races() {
    run "$@"
    [ "$status" -eq 0 ] || note "status $status from $binary:
$(grep -v '^ok' "$scratch/said" | head -n 100)"
    result "$status" "$(printf '%s\n' "$@" | sed 's,^/.*/,,' | paste -sd ' ')$(printf %s "$profile" | tr '\n' ' ')"
}
