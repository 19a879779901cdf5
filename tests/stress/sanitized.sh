#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the allocator without the C library's names under ThreadSanitizer and under AddressSanitizer with UndefinedBehaviorSanitizer, and
# runs the stress test and the unit tests of the library on each: `make check-sanitize`.
#
#   sanitized.sh [SECONDS]    SECONDS of stress in all, half of it on each build (default 64)
#
# top_srcdir and top_builddir are the source's and the build's top; the builds go into sanitize-thread/ and sanitize-address/ of the latter.
set -u

seconds=${1:-64}
source=$(cd "${top_srcdir:-$(dirname "$0")/../..}" && pwd) || exit 99
build=${top_builddir:-$(pwd)}
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
failed=0

# A report must end the program with a status of its own, and must not stop at the first page that the allocator keeps for later.
TSAN_OPTIONS="halt_on_error=1 exitcode=66 second_deadlock_stack=1 ${TSAN_OPTIONS:-}"
ASAN_OPTIONS="halt_on_error=1 exitcode=66 detect_leaks=0 detect_stack_use_after_return=1 ${ASAN_OPTIONS:-}"
UBSAN_OPTIONS="halt_on_error=1 exitcode=66 print_stacktrace=1 ${UBSAN_OPTIONS:-}"
export TSAN_OPTIONS ASAN_OPTIONS UBSAN_OPTIONS
unset HAKMEM_PROFILE HAKMEM_PROFILE_STRICT HAKMEM_STATS HAKMEM_STATS_SIGNAL LD_PRELOAD || :

# step TEXT COMMAND...: runs it with its output in a log, which is shown if it fails.
step() {
    text=$1
    shift
    printf '%s ... ' "$text"
    if "$@" >"$log" 2>&1; then
        echo "good: $(tail -n 1 "$log")"
    else
        status=$?
        echo "FAILED with status $status:"
        tail -n 60 "$log"
        failed=1
        return 1
    fi
}

configure_build() {
    [ -f Makefile ] || "$source/configure" --disable-interpose --enable-sanitize="$1" CFLAGS='-O1 -g'
}

sanitize() {
    name=$1
    list=$2
    mkdir -p "$build/sanitize-$name" || exit 99
    cd "$build/sanitize-$name" || exit 99
    log=$build/sanitize-$name/sanitized.log
    step "$name: configure" configure_build "$list" || return
    step "$name: build" "${MAKE:-make}" -j"$jobs" all || return
    step "$name: build the stress test" "${MAKE:-make}" -j"$jobs" tests/stress/stress_hak || return
    half=$((seconds * 3 / 8)) # the rest of this build's half goes to few threads
    step "$name: stress, 16 threads, $half s" tests/stress/stress_hak --seconds "$half" --seed 1 --max-live 256 || return
    step "$name: stress, 4 threads, $((seconds / 2 - half)) s" \
        tests/stress/stress_hak --threads 4 --seconds "$((seconds / 2 - half))" --seed 2 --max-live 64 || return
    step "$name: unit tests of the library" "${MAKE:-make}" -j"$jobs" check-library
}

sanitize thread thread
sanitize address address,undefined
exit "$failed"
