#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the targets with clang's libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer, and looks for inputs that end them: `make fuzz`.
#
#   fuzz.sh MINUTES TARGET...    MINUTES for each TARGET, one after the other
#
# top_srcdir and top_builddir are the source's and the build's top. In fuzz/ of the latter, build/ has the programs; grown/TARGET the inputs that
# reach something new, from which the next run goes on; findings/TARGET the inputs that end a target: what must not be lost. A finding ends its
# target's time. The last lines say how it went, one a target; the exit status is 1 if there are findings, also from a run before.
set -u

minutes=$1
shift
source=$(cd "${top_srcdir:-$(dirname "$0")/../..}" && pwd) || exit 99
build=${top_builddir:-$(pwd)}/fuzz
compiler=${FUZZ_CC:-clang}
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
failed=0

# Seconds that one input may take, and MiB that a target may; both far above what any needs.
input_limit=20
memory_limit=2048

fail() {
    echo "fuzz.sh: $*" >&2
    exit 1
}

seconds=$(echo "$minutes" | awk '/^[0-9]+(\.[0-9]+)?$/ { printf "%d", $0 * 60 + 0.5 }')
[ "${seconds:-0}" -gt 0 ] || fail "MINUTES=$minutes is no number of minutes"

mkdir -p "$build/build" "$build/findings" "$build/grown" || exit 99
cd "$build/build" || exit 99
echo 'int LLVMFuzzerTestOneInput(const char *data, unsigned long size); int LLVMFuzzerTestOneInput(const char *data, unsigned long size) { return data && size > 9999 ? -1 : 0; }' >try.c
"$compiler" -fsanitize=fuzzer,address,undefined -o try try.c >try.log 2>&1 ||
    fail "$compiler has no libFuzzer with AddressSanitizer (Debian packages: clang, libclang-rt-dev); FUZZ_CC names another compiler: $(tail -n 1 try.log)"

# quietly TEXT COMMAND...: its output is shown if it fails.
quietly() {
    text=$1
    shift
    "$@" >"$build/build/make.log" 2>&1 && return
    tail -n 40 "$build/build/make.log"
    fail "cannot $text"
}

[ -f Makefile ] || quietly "configure" "$source/configure" CC="$compiler" --disable-interpose --enable-linked-yaml --enable-debug \
    --enable-sanitize=address,undefined
programs=
for target; do programs="$programs tests/fuzz/$target"; done
quietly "build" "${MAKE:-make}" -j"$jobs" CFLAGS='-O1 -g -fsanitize=fuzzer-no-link' CPPFLAGS=-DFUZZ_ENGINE LDFLAGS=-fsanitize=fuzzer $programs

# Other inputs of the tree.
shipped() {
    case $1 in
    cpuid) echo "$source/tests/machine/data" ;;
    job) echo "$source/jobs" ;;
    profile) echo "$source/tunings" ;;
    space) echo "$source/spaces" ;;
    esac
}

# What is found must end the program, and what a target says of its input is of no interest.
ASAN_OPTIONS="detect_stack_use_after_return=1 detect_leaks=1 ${ASAN_OPTIONS:-}"
UBSAN_OPTIONS="halt_on_error=1 print_stacktrace=1 ${UBSAN_OPTIONS:-}"
export ASAN_OPTIONS UBSAN_OPTIONS
unset HAKMEM_PROFILE HAKMEM_PROFILE_STRICT HAKMEM_STATS HAKMEM_STATS_SIGNAL LD_PRELOAD || :

: >"$build/summary"
for target; do
    findings=$build/findings/$target
    log=$build/$target.log
    mkdir -p "$findings" "$build/grown/$target"
    echo "=== $target: $seconds s"
    set -- "$build/grown/$target" "$source/tests/fuzz/corpus/$target"
    more=$(shipped "$target")
    "tests/fuzz/$target" "$@" ${more:+"$more"} -max_total_time="$seconds" -timeout="$input_limit" -rss_limit_mb="$memory_limit" \
        -artifact_prefix="$findings/" -print_final_stats=1 -close_fd_mask=3 >"$log" 2>&1
    status=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
    found=$(ls -A "$findings" | wc -l)
    if [ "$status" -ne 0 ]; then tail -n 60 "$log"; fi
    if [ "$found" -gt 0 ]; then
        result="$found FINDINGS in $findings"
    elif [ "$status" -ne 0 ]; then
        result="FAILED with status $status: $log"
    else
        result="no finding"
    fi
    if [ "$found" -gt 0 ] || [ "$status" -ne 0 ]; then failed=1; fi
    printf '%-8s %4s s  %10s inputs  %6s edges  %s\n' "$target" "$seconds" "${runs:-?}" "${edges:-?}" "$result" >>"$build/summary"
done
cat "$build/summary"
exit "$failed"
