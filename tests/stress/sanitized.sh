#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the allocator without the C library's names under ThreadSanitizer and under AddressSanitizer with UndefinedBehaviorSanitizer, and
# runs the stress test and the unit tests of the library on each, and under ThreadSanitizer every other test that starts threads
# (tests/sanitize): `make check-sanitize`.
#
#   sanitized.sh [SECONDS]    SECONDS of stress in all, three quarters of it under ThreadSanitizer, which alone sees races (default 64)
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
unset HAKMEM_PROFILE HAKMEM_PROFILE_STRICT HAKMEM_PROFILE_HEAP HAKMEM_LEAKS HAKMEM_STATS HAKMEM_STATS_SIGNAL LD_PRELOAD || :

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

# configure_build NAME LIST [OPTION...]: a build with the sanitizers of LIST and configure's OPTIONs. The plain shell makes configure and libtool
# faster than bash does.
configure_build() {
    directory=$build/sanitize-$1 list=$2
    shift 2
    cd "$directory" || return
    [ -f Makefile ] || CONFIG_SHELL=/bin/sh /bin/sh "$source/configure" --disable-interpose CFLAGS='-O1 -g' --enable-sanitize="$list" "$@"
}

# ends_well PROCESS LOG: waits for a process in the background, whose output is in LOG.
ends_well() {
    wait "$1"
    ended=$?
    cat "$2"
    return "$ended"
}

# sanitize NAME PROCESS SECONDS: SECONDS of stress, and the tests, in the build that PROCESS configures.
sanitize() {
    name=$1 most=$3
    cd "$build/sanitize-$name" || exit 99
    log=$build/sanitize-$name/sanitized.log
    step "$name: configure" ends_well "$2" configure.log || return
    step "$name: build the stress test" "${MAKE:-make}" -j"$jobs" tests/stress/stress_hak || return
    many=$((most / 2)) few=$((most / 4)) sampled=$((most / 8)) hardened=$((most / 8))
    step "$name: stress, 16 threads, $many s" tests/stress/stress_hak --seconds "$many" --seed 1 --max-live 256 || return
    step "$name: stress, 4 threads, $few s" tests/stress/stress_hak --threads 4 --seconds "$few" --seed 2 --max-live 64 || return
    printf 'profile_version: 1\nname: sampled\nheap_profile: {on: true, interval: 1KiB}\n' >sampled.yaml || exit 99
    step "$name: stress with a heap profile, 16 threads, $sampled s" env HAKMEM_PROFILE="$PWD/sampled.yaml" HAKMEM_PROFILE_STRICT=1 \
        tests/stress/stress_hak --seconds "$sampled" --seed 3 --max-live 128 || return
    step "$name: stress under the hardened profile, 16 threads, $hardened s" env HAKMEM_PROFILE="$source/tunings/hardened.yaml" HAKMEM_PROFILE_STRICT=1 \
        tests/stress/stress_hak --seconds "$hardened" --seed 4 --max-live 128 || return
    # One more than there are processors, since some tests wait most of their time.
    step "$name: tests of the library" "${MAKE:-make}" -j"$((jobs + 1))" check-library
}

# One configure uses one processor.
mkdir -p "$build/sanitize-thread" "$build/sanitize-address" || exit 99
configure_build thread thread --disable-tools >"$build/sanitize-thread/configure.log" 2>&1 &
thread=$!
configure_build address address,undefined >"$build/sanitize-address/configure.log" 2>&1 &
address=$!
sanitize thread "$thread" $((seconds * 3 / 4))
sanitize address "$address" $((seconds / 4))
exit "$failed"
