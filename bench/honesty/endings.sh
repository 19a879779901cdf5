# SPDX-License-Identifier: MIT
# Sourced by bench/honesty/honesty: when sessions end, and what they leave behind.

# --- budgets ----------------------------------------------------------------------------------------------------------

# timed SECONDS ONE-RUN NAME STATUS OPTION... -- COMMAND...: the session has to end with STATUS in time.
timed() {
    local budget=$1 run=$2 name=$3 wanted=$4 start status took most
    shift 4
    rm -f s.env s.journal*
    start=$EPOCHREALTIME
    "$tune" --allocator ./planted.yaml --budget "${budget}s" --seed "$seed" --output s.env --journal s.journal --quiet "$@" >s.out 2>&1 </dev/null
    status=$?
    took=$(awk "BEGIN { print $EPOCHREALTIME - $start }")
    most=$(awk "BEGIN { print 1.05 * $budget + $run + $slack }")
    printf '  %-44s %.1f s of %s s, status %d: %s\n' "$name" "$took" "$budget" "$status" "$(grep -m 1 -E '^(verdict|hakmem-tune)' s.out)"
    bar "$(true_if "$took <= $most && $status == $wanted")" "$name: at most $most s, and status $wanted"
}

part_budgets() {
    local s=${seconds:-15}
    write_space
    echo "budgets: kept within 5 % and one run"
    timed "$s" 0.01 "runs of 5 ms" 0 -- "$plant" 10 1
    timed "$s" 1 "runs of $(awk "BEGIN { print $s / 60 }") s" 0 -- sh -c "sleep $(awk "BEGIN { print $s / 60 }"); $plant 1 1"
    timed "$s" 1 "a candidate hangs" 0 -- "$plant" 60 1 mode=1:inf:0
    timed "$s" 1 "a candidate computes for ever" 0 -- "$plant" 60 1 mode=2:1e9:0 mode=3:1e9:0 mode=4:1e9:0
    timed "$s" 0 "the command hangs" 3 -- sleep 1000
    [ -n "$seconds" ] || timed 60 1 "runs of 1 s" 0 -- "$plant" 1800 1
}

part_slow() {
    write_space
    echo "slow: a budget of 10 minutes with runs of 20 s"
    timed 600 20 "runs of 20 s" 0 -- "$plant" 36000 1
}

# --- interruptions ----------------------------------------------------------------------------------------------------

# What was started carries the mark in its environment.
nothing_runs() { ! grep -slzxF "HONESTY_MARK=$1" /proc/[0-9]*/environ >left; }
nothing_lies() { [ -z "$(ls -A tmp)" ]; }

# soon COMMAND...: it is so within five seconds: the reaper of a killed session takes a moment.
soon() {
    local _
    for _ in {1..50}; do
        "$@" && return
        sleep 0.1
    done
    return 1
}

# Each line of the journal is an object, and the last one has its end.
is_whole() {
    [ ! -s i.journal ] || { ! grep -qv '^{.*}$' i.journal && [ -z "$(tail -c 1 i.journal)" ]; }
}

trials_in() { cat i.journal 2>/dev/null | grep -c '"type":"trial"'; }

# marked MARK OPTION...: such a session, in a process group of its own.
marked() {
    HONESTY_MARK=$1 exec env --default-signal=INT "$tune" --allocator ./planted.yaml --budget "${interrupted_s}s" --seed "$seed" --output i.env --journal i.journal --quiet "${@:2}" -- \
        "$plant" 20 1 mode=3:-2:0 >i.out 2>&1 </dev/null
}

# What is wrong after the session with MARK has ended by SIGNAL, and was resumed; nothing if all is well.
wrong_after() {
    local mark=$1 signal=$2 status=$3 before after
    case $signal:$status in INT:130 | INT:0 | KILL:137) ;; *) echo "ended with status $status: $(head -n 1 i.out)" ;; esac
    soon nothing_runs "$mark" || echo "processes are left: $(tr '\n' ' ' <left)"
    # A directory with profiles stays where the whole of a session was killed, until the next session begins.
    [ "$signal" = KILL ] || nothing_lies || echo "files are left: $(ls -A tmp | tr '\n' ' ')"
    is_whole || echo "the journal has a part of a line"
    [ -s i.journal ] || return
    before=$(trials_in)
    (marked "$mark" --resume)
    status=$?
    after=$(trials_in)
    [ $status -eq 0 ] || echo "--resume ended with status $status: $(head -n 1 i.out)"
    [ "$after" -ge "$before" ] || echo "--resume lost trials: $after of $before"
    is_whole || echo "the resumed journal has a part of a line"
    soon nothing_runs "$mark" || echo "processes are left by --resume"
    nothing_lies || echo "files are left by --resume: $(ls -A tmp | tr '\n' ' ')"
}

interrupted_s=5
part_interruptions() {
    local count i signal moment pid status wrong good
    count=$(count_of 20)
    interrupted_s=${seconds:-5}
    write_space
    echo "interruptions: at $count moments of a session of $interrupted_s s"
    for signal in INT KILL; do
        good=0
        for ((i = 0; i < count; i++)); do
            moment=$(awk "BEGIN { print 0.02 + $interrupted_s * $i / $count }")
            rm -f i.*
            set -m
            marked "$$-$signal-$i" &
            pid=$!
            set +m
            sleep "$moment"
            # Ctrl-C reaches the whole foreground group, kill -9 the tuner alone.
            if [ $signal = INT ]; then kill -INT -- "-$pid"; else kill -KILL "$pid"; fi 2>/dev/null
            wait "$pid" 2>/dev/null
            status=$?
            wrong=$(wrong_after "$$-$signal-$i" $signal $status)
            [ -n "$wrong" ] || good=$((good + 1))
            printf '  %-4s at %5.2f s, %3d trials after --resume: %s\n' $signal "$moment" "$(trials_in)" "${wrong:-all is well}"
        done 2>/dev/null
        bar $((good == count)) "$signal: $good of $count moments end well"
    done
}
