# SPDX-License-Identifier: MIT
# For the .tap scripts, which source this file: results in TAP, a scratch folder, and running programs on the library under test.
#
# HAK_LIBRARY names the library (default: the one just built); "none" runs everything on the C library's own allocator, so that a test can
# be tried on others: HAK_LIBRARY=/usr/lib/x86_64-linux-gnu/libjemalloc.so.2 tests/api/allocate.tap
# The current folder is the build's top unless top_builddir names it; top_srcdir names the source's.
set -u

build=${top_builddir:-$(pwd)}
source=$(cd "${top_srcdir:-$(dirname "$0")/../..}" && pwd) || exit 99
count=0
failures=0

# Seconds that any one program may take, far above what it needs on a slow machine: a hang becomes a failure.
time_limit=${HAK_TEST_TIME_LIMIT:-300}

# What the person who runs the tests has set must not leak into them.
unset HAKMEM_PROFILE HAKMEM_PROFILE_STRICT HAKMEM_PROFILE_HEAP HAKMEM_LEAKS HAKMEM_STATS HAKMEM_STATS_SIGNAL HAKMEM_ABORT LD_PRELOAD || :
LC_ALL=C
export LC_ALL

scratch=$(mktemp -d "${TMPDIR:-/tmp}/hakmem-test.XXXXXX") || exit 99
trap 'rm -rf "$scratch"' EXIT
trap 'exit 99' HUP INT TERM
# Programs that run as another user read the library and their profiles here.
chmod 755 "$scratch"

library=${HAK_LIBRARY:-$build/.libs/libhakmem.so}
case $library in
none) library= ;;
*[!/]*)
    [ -f "$library" ] || { echo "Bail out! there is no library $library"; exit 99; }
    library=$(cd "$(dirname "$library")" && pwd)/$(basename "$library")
    # LD_PRELOAD is a list whose separators are space and colon.
    case $library in
    *[\ :]*) ln -s "$library" "$scratch/libhakmem.so" && library=$scratch/libhakmem.so ;;
    esac
    ;;
esac

# Why this system's own programs cannot run on the library, or nothing: then it is foreign to them, as $TEST_RUNNER is needed for another
# processor, or the loader refuses it because it was built for another C library.
foreign=
if [ -n "${TEST_RUNNER:-}" ]; then
    foreign="the library is for another processor"
elif [ -n "$library" ] && [ -n "$(LD_PRELOAD=$library env true 2>&1)" ]; then
    foreign="the library is for another C library"
fi

# note TEXT: lines for the log.
note() {
    printf '%s\n' "$1" | sed 's/^/# /'
}

# result STATUS DESCRIPTION: one result, good if STATUS is 0.
result() {
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $count - $2"
    else
        failures=$((failures + 1))
        echo "not ok $count - $2"
    fi
}

# skip DESCRIPTION REASON
skip() {
    count=$((count + 1))
    echo "ok $count - $1 # SKIP $2"
}

# check DESCRIPTION COMMAND [ARGUMENT...]: good if COMMAND succeeds; what it prints goes to the log if not.
check() {
    description=$1
    shift
    if "$@" >"$scratch/check.out" 2>&1; then
        result 0 "$description"
    else
        status=$?
        note "status $status from: $*"
        sed 's/^/# /' "$scratch/check.out" | head -n 40
        result 1 "$description"
    fi
}

# with_one_of COMMAND VALUE...: for what depends on how fast the machine is, which may be slow or busy, as what a budget has time for. One of the
# VALUEs, budgets say, shows it; COMMAND gets them one after the other.
with_one_of() {
    shown=$1
    shift
    for value; do
        "$shown" "$value" && return 0
        echo "not shown with $value"
    done
    return 1
}

# wait_for COMMAND [ARGUMENT...]: until it succeeds, for a minute at most.
wait_for() {
    for _ in $(seq 600); do
        "$@" && return 0
        sleep 0.1
    done
    echo "not so within a minute: $*"
    return 1
}

# unfolded [FILE...]: its lines, each with what goes on of it behind it. That begins with blanks, as hakmem-tune folds what is longer than 80 columns;
# a line of its progress begins with the time.
unfolded() {
    awk '/^ / && !/^ *[0-9][0-9hms]*  / && NR > 1 { sub(/^ */, " "); line = line $0; next } NR > 1 { print line } { line = $0 } END { if (NR) print line }' "$@"
}

# same DESCRIPTION EXPECTED ACTUAL: good if both texts are equal.
same() {
    if [ "$2" = "$3" ]; then
        result 0 "$1"
    else
        note "expected: $2"
        note "actual:   $3"
        result 1 "$1"
    fi
}

# program NAME: prints what is to be run for program NAME of the build: itself, or where the library is foreign a script that starts it.
program() {
    if [ -z "$foreign" ]; then
        printf '%s\n' "$build/$1"
        return
    fi
    script=$scratch/start-${1##*/}
    {
        echo '#!/bin/sh'
        if [ -n "${TEST_RUNNER:-}" ]; then
            printf 'exec %s ${HAK_TEST_PRELOAD:+-E "LD_PRELOAD=$HAK_TEST_PRELOAD"} "%s" "$@"\n' "$TEST_RUNNER" "$build/$1"
        else
            printf 'export LD_PRELOAD="${HAK_TEST_PRELOAD:-}"\nexec "%s" "$@"\n' "$build/$1"
        fi
    } >"$script"
    chmod 755 "$script"
    printf '%s\n' "$script"
}

# preloaded COMMAND [ARGUMENT...]: runs it, and all that it starts, on the library under test, for at most $time_limit seconds. Where the library
# is foreign, COMMAND is what program() printed, or one of the system's that starts it.
preloaded() {
    if [ -n "$foreign" ]; then
        timeout -k 5 "$time_limit" env ${library:+"HAK_TEST_PRELOAD=$library"} "$@"
    else
        timeout -k 5 "$time_limit" env ${library:+"LD_PRELOAD=$library"} "$@"
    fi
}

# plain COMMAND [ARGUMENT...]: the same without the library.
plain() {
    timeout -k 5 "$time_limit" "$@"
}

# run_program PROGRAM [ARGUMENT...]: runs a C program of the build, which prints TAP, on the library; its results become ours.
run_program() {
    program=$1
    shift
    [ -x "$build/$program" ] || { echo "Bail out! $program was not built"; exit 99; }
    preloaded "$(program "$program")" "$@" >"$scratch/program.out" 2>"$scratch/program.err"
    status=$?
    planned=-1
    reported=0
    bad=0
    while IFS= read -r line; do
        case $line in
        "ok "*"# SKIP "*) reported=$((reported + 1)); skip "$program $*" "${line#*# SKIP }" ;;
        "ok "*) reported=$((reported + 1)); result 0 "$program $*: ${line#* - }" ;;
        "not ok "*) reported=$((reported + 1)); bad=1; result 1 "$program $*: ${line#* - }" ;;
        1..*) planned=${line#1..} ;;
        *) printf '# %s\n' "${line#\# }" ;;
        esac
    done <"$scratch/program.out"
    sed 's/^/# stderr: /' "$scratch/program.err" | head -n 20
    if [ "$planned" -ne "$reported" ]; then
        result 1 "$program $*: ran to its end (exit status $status, $reported results of $planned planned)"
    elif [ "$status" -ne "$bad" ]; then
        result 1 "$program $*: ends well after its last result (exit status $status)"
    fi
}

# need_system_programs DESCRIPTION: ends a script that runs the system's programs on the library, where it is foreign to them.
need_system_programs() {
    [ -n "$foreign" ] || return 0
    skip "$1" "$foreign"
    done_testing
}

# done_testing: the plan; the script's last line.
done_testing() {
    echo "1..$count"
    [ "$failures" -eq 0 ]
    exit
}
