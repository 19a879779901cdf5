#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs a unit test program and prints one TAP line for each of its cases: what cmocka prints as TAP, in a form that Automake's driver
# understands. The program may as well print TAP of its own.
#
#   unit.sh PROGRAM [ARGUMENT...]
#
# TEST_RUNNER, if set, is what runs the program (of a cross build). Besides its cases, a program fails
# - if it ends before its last case, by a signal or by exit: the first case without a result is the one that it ended in,
# - if its exit status is bad although no case failed (a group's teardown, a sanitizer's report at the end),
# - if it takes longer than HAK_TEST_TIME_LIMIT seconds (600; far above what any needs under a sanitizer).
# A skipped case gives its reason as print_message("skipped: REASON\n") before skip(); one without a reason fails.
# The exit status says nothing about failures: the driver counts the lines.
set -u

time_limit=${HAK_TEST_TIME_LIMIT:-600}

{
    CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 5 "$time_limit" ${TEST_RUNNER:-} "$@" 2>&1
    printf '\nunit.sh: status %d\n' $?
} | LC_ALL=C ${AM_TAP_AWK:-awk} -v time_limit="$time_limit" '
    # One case: its result, and what it is called. What a program prints before a result on the same line goes into the log.
    function result(good, text) {
        bad += !good
        printf "%s %d%s\n", good ? "ok" : "not ok", ++count, text
    }

    # Names of cases are C identifiers, or text of the program: a "#" in it would be a directive.
    function named(text) {
        gsub(/#/, "\\#", text)
        return " - " text
    }

    function case_ended(line) {
        good = line !~ /^not /
        sub(/^(not )?ok [0-9]+ */, "", line)
        sub(/^- /, "", line)
        if (line !~ /^# SKIP/) {
            result(good, named(line))
        } else {
            sub(/^# SKIP */, "", line)
            if (reason == "") reason = line ~ / / ? line : ""
            if (reason == "") result(0, named(line " is skipped and does not say why"))
            else result(1, named(line) " # SKIP " reason)
        }
        reason = ""
    }

    function ended(status) {
        if (count < planned) {
            how = status == 124 || status == 137 ? "was ended after " time_limit " seconds" : "ended with status " status
            result(0, " - the program " how ", " planned - count " of its " planned " cases have no result")
        } else if (!planned) {
            result(0, " - the program ended with status " status " and planned no case")
        } else if (status && !bad) {
            result(0, " - the program ended with status " status " although no case failed")
        }
        print "1.." count
    }

    /^unit\.sh: status [0-9]+$/ { ended($3 + 0); exit }
    /^1\.\.[0-9]+$/ { planned += substr($0, 4); next }
    match($0, /(not )?ok [0-9]+( - | # SKIP | *$)/) {
        if (RSTART > 1) print "# " substr($0, 1, RSTART - 1)
        case_ended(substr($0, RSTART))
        next
    }
    /^(skipped|# skipped): / { reason = $0; sub(/^(# )?skipped: /, "", reason) }
    NF { sub(/^# /, ""); print "# " $0 }
'
