# SPDX-License-Identifier: MIT
# Sourced by the tests of this folder: reports in TAP, and runs hakmem-bench. POSIX sh.
#
# Expects top_builddir and top_srcdir, as make check sets them.

bench=$top_builddir/hakmem-bench
tests=0
scratch=$(mktemp -d "${TMPDIR:-/tmp}/hakmem-bench-test.XXXXXX") || exit 99
trap 'rm -rf "$scratch"' EXIT

# result WHAT STATUS [EXPLANATION]: one test, passed if STATUS is 0.
result() {
    tests=$((tests + 1))
    if [ "$2" -eq 0 ]; then
        echo "ok $tests - $1"
    else
        echo "not ok $tests - $1"
        [ -z "${3-}" ] || printf '%s\n' "$3" | sed 's/^/# /'
    fi
}

skip() { # WHAT WHY
    tests=$((tests + 1))
    echo "ok $tests - $1 # SKIP $2"
}

# The plan, at the end. The exit status says nothing about failures: the TAP driver counts those itself.
finish() {
    echo "1..$tests"
    exit 0
}

# Runs a command; its status, standard output and error are in $status, $scratch/out and $scratch/err.
run() {
    "$@" >"$scratch/out" 2>"$scratch/err"
    status=$?
}

# refuses WHAT STATUS TEXT COMMAND...: the command ends with STATUS and prints exactly one line, on stderr, that holds TEXT.
refuses() {
    refuses_what=$1 refuses_status=$2 refuses_text=$3
    shift 3
    run "$@"
    [ "$status" -eq "$refuses_status" ] && [ ! -s "$scratch/out" ] && [ "$(wc -l <"$scratch/err")" -eq 1 ] &&
        grep -qF -- "$refuses_text" "$scratch/err"
    result "$refuses_what" $? "status $status, stderr: $(cat "$scratch/err")"
}

# succeeds WHAT COMMAND...: exit status 0 and nothing on stderr.
succeeds() {
    succeeds_what=$1
    shift
    run "$@"
    [ "$status" -eq 0 ] && [ ! -s "$scratch/err" ]
    result "$succeeds_what" $? "status $status, stderr: $(cat "$scratch/err")"
}

# The value of KEY in the JSON document that the last run printed ("null" for null). Fails if there is no such document or key.
json() {
    "$top_builddir/tests/bench/json_value" "$scratch/out" "$1"
}
