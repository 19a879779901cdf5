# SPDX-License-Identifier: MIT
# For the scripts of this folder, behind harness/tap.sh: runs tests/harden/cases.

ulimit -c 0
time_limit=120
ended_by_abort=134
ended_by_fault=139

[ -x "$build/tests/harden/cases" ] || { echo "Bail out! tests/harden/cases was not built"; exit 99; }

# run CASE: leaves its status in $status, and what it says in $scratch/err.
run() {
    (preloaded sh -c 'exec 2>"$2"; exec "$1" "$3"' sh "$(program tests/harden/cases)" "$scratch/err" "$1") >/dev/null 2>&1
    status=$?
    sed -i '/^qemu: uncaught target signal/d; /^    #[0-9]* /d' "$scratch/err" # nor the stacks: tests/guarded
    lines=$(wc -l <"$scratch/err")
}

# says DESCRIPTION STATUS WORDS: whether the case ended with STATUS and said one line with WORDS, a regular expression.
says() {
    if [ "$status" -eq "$2" ] && [ "$lines" -eq 1 ] && grep -Eq "^hakmem: ($3)" "$scratch/err"; then
        result 0 "$1: $(cat "$scratch/err")"
    else
        note "status $status (expected $2), $lines lines on stderr:"
        note "$(head -n 5 "$scratch/err")"
        result 1 "$1"
    fi
}

# notices CASE WORDS
notices() {
    run "$1"
    says "$1 ends the program" $ended_by_abort "$2"
}

# survives CASE WORDS: the same, and the program goes on where that is asked for.
survives() {
    HAKMEM_ABORT=0
    export HAKMEM_ABORT
    run "$1"
    unset HAKMEM_ABORT
    says "$1 lets the program go on" 0 "$2"
}

# each: a line of standard input is a case and the words of its report.
each() {
    while read -r case words; do
        words=$(eval "printf %s \"$words\"")
        notices "$case" "$words"
        survives "$case" "$words"
    done
}

# quiet CASE DESCRIPTION: it comes to its end, and nothing is said.
quiet() {
    run "$1"
    same "$2" "0 0" "$status $lines"
    [ "$lines" -eq 0 ] || note "$(head -n 5 "$scratch/err")"
}

address='0x[0-9a-f]+'
own='a block of 48 bytes, class [0-9]+$'
shared='a block of 160 bytes, class [0-9]+$'
foreign="$address was not allocated by this allocator, or is freed already$"
inside="$address is not the start of a block \(it lies"
