#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs that run for long with as much in use all the time, at once: redis-server whose keys get new values of mixed sizes and are deleted,
# python3 that builds and drops structures, and the stress test. Their resident memory has to stay flat: `make soak-programs`.
#
#   soak.sh [MINUTES]    (default 20)
#
# Each minute's figure is the average of those of its seconds. Flat means: the average of the last quarter of the time and that of the quarter
# before it are at most 2 % apart. (From one second to the next the stress test has some 7 % more or less in use.) What is printed is a Markdown
# table with the verdict below; the exit status is 0 if all three are flat and none has failed.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/harness/tap.sh"

minutes=${1:-20}
most_percent=2
programs="redis python3 stress"
case $minutes in '' | *[!0-9]* | [0-3]) echo "soak.sh: MINUTES=$minutes: expected a number of whole minutes, 4 at least" >&2; exit 2 ;; esac

for program in redis-server redis-cli redis-benchmark python3; do
    command -v "$program" >/dev/null 2>&1 || { echo "soak.sh: $program is not installed" >&2; exit 99; }
done
[ -x "$build/tests/stress/stress" ] || { echo "soak.sh: tests/stress/stress was not built" >&2; exit 99; }

started=
stop_all() {
    for process in $started; do kill "$process" 2>/dev/null; done
}
trap 'stop_all; rm -rf "$scratch"' EXIT

# --- the programs ---------------------------------------------------------------------------------------------------------------------------

socket=$scratch/redis.sock
redis() { redis-cli -s "$socket" "$@" 2>>"$scratch/redis.err"; }

# Of 200,000 keys two thirds have a value: mostly up to 600 bytes, one in 50 up to 8 KiB, one in 500 up to 32 KiB. Each call deletes a key or gives
# it a value of another size.
start_redis() {
    time_limit=$limit preloaded redis-server --port 0 --unixsocket "$socket" --save '' --appendonly no --dir "$scratch" >"$scratch/redis.err" 2>&1 &
    redis_process=$!
    tries=0
    until [ "$(redis ping)" = PONG ]; do
        tries=$((tries + 1))
        if [ "$tries" -gt 600 ] || ! kill -0 "$redis_process" 2>/dev/null; then echo "soak.sh: redis-server does not start" >&2; exit 99; fi
        sleep 0.1
    done
    pid_redis=$(redis info server | tr -d '\r' | sed -n 's/^process_id://p')
    # Numbers from redis-benchmark: Lua's own begin anew in each script.
    time_limit=$limit plain redis-benchmark -s "$socket" -q -c 8 -P 8 -r 200000 -n 2000000000 eval '
        local n = tonumber(ARGV[1])
        if n % 3 == 0 then return redis.call("del", KEYS[1]) end
        local size = n % 500 == 1 and n % 32768 or n % 50 == 1 and n % 8192 or n % 600
        return redis.call("set", KEYS[1], string.rep("v", size + 1))' 1 key:__rand_int__ __rand_int__ >/dev/null 2>&1 &
    load_process=$!
    started="$started $pid_redis $load_process"
}
work_of_redis() { redis info stats | tr -d '\r' | sed -n 's/^total_commands_processed:\(.*\)/\1 commands/p'; }

# 20,000 places, each with a tree of lists, dictionaries, strings and numbers, one of which is built anew at each step. All of it is the
# library's: python's own allocator is off.
start_python3() {
    cat >"$scratch/soak.py" <<'PYTHON'
import random, sys, time

def build(depth):
    kind = random.randrange(5) if depth else random.randrange(2)
    if kind == 0:
        return 'x' * random.randrange(1, 400)
    if kind == 1:
        return bytearray(random.randrange(1, 3000))
    if kind == 2:
        return [build(depth - 1) for _ in range(random.randrange(1, 8))]
    if kind == 3:
        return {'key%d' % random.randrange(10 ** 9): build(depth - 1) for _ in range(random.randrange(1, 8))}
    return tuple(random.random() for _ in range(random.randrange(1, 60)))

random.seed(1)
places = [build(3) for _ in range(20000)]
steps, told = 0, time.monotonic()
while True:
    places[random.randrange(len(places))] = build(3)
    steps += 1
    if steps % 1000 == 0 and time.monotonic() - told > 1:
        told = time.monotonic()
        with open(sys.argv[1], 'w') as file:
            file.write('%d structures\n' % steps)
PYTHON
    PYTHONMALLOC=malloc LD_PRELOAD=$library python3 "$scratch/soak.py" "$scratch/python3.steps" 2>"$scratch/python3.err" &
    pid_python3=$!
    started="$started $pid_python3"
}
work_of_python3() { cat "$scratch/python3.steps"; }

start_stress() {
    LD_PRELOAD=$library "$build/tests/stress/stress" --threads 16 --seconds $((minutes * 60 + 30)) --seed 1 --max-live 48 \
        >"$scratch/stress.out" 2>"$scratch/stress.err" &
    pid_stress=$!
    started="$started $pid_stress"
}
work_of_stress() { cat "$scratch/stress.out"; }

# --- their memory ---------------------------------------------------------------------------------------------------------------------------

page=$(getconf PAGESIZE)
now() { date +%s; }

# look MINUTE: a line "MINUTE PROGRAM KIB" for each program that is there.
look() {
    for program in $programs; do
        eval "process=\$pid_$program"
        awk -v minute="$1" -v program="$program" -v page="$page" '{ print minute, program, $2 * page / 1024 }' "/proc/$process/statm" 2>/dev/null
    done
}

# By the clock: a minute in which this machine did something else has fewer figures.
watch_programs() {
    while [ "$(now)" -lt $((start + minutes * 60)) ]; do
        look $((($(now) - start) / 60 + 1)) >>"$scratch/figures"
        sleep 1
    done
}

# tell: the table, and for each program a line with what its last half says. The exit status is 1 if one is not flat.
tell() {
    awk -v minutes="$minutes" -v programs="$programs" -v most="$most_percent" '
        function average(name, first, last,   i, all, count) {
            for (i = first; i <= last; i++) { all += sum[i, name]; count += looks[i, name] }
            return count ? all / count / 1024 : 0
        }
        { sum[$1, $2] += $3; looks[$1, $2]++ }
        END {
            n = split(programs, name, " ")
            print "| minute | redis | python3 | stress |\n|---|---|---|---|"
            for (i = 1; i <= minutes; i++) {
                line = "| " i " |"
                for (j = 1; j <= n; j++) line = line ((i, name[j]) in sum ? sprintf(" %.1f MiB |", average(name[j], i, i)) : " - |")
                print line
            }
            print ""
            half = int(minutes / 2)
            quarter = int((minutes + half) / 2)
            for (j = 1; j <= n; j++) {
                before = average(name[j], half + 1, quarter)
                last = average(name[j], quarter + 1, minutes)
                apart = before ? (last - before) / before * 100 : 0
                flat = before && last && apart <= most && apart >= -most
                bad += !flat
                printf "- %s: %s: %.1f MiB in the minutes %d to %d, %.1f MiB in those from %d on: %+.2f %%\n", name[j], flat ? "flat" : "NOT FLAT",
                    before, half + 1, quarter, last, quarter + 1, apart
            }
            exit bad > 0
        }' "$scratch/figures"
}

# --- the run --------------------------------------------------------------------------------------------------------------------------------

limit=$((minutes * 60 + 600))
start_redis
start_python3
start_stress
start=$(now)
watch_programs

failed=0
for program in $programs; do
    eval "process=\$pid_$program"
    kill -0 "$process" 2>/dev/null || { echo "soak.sh: $program has ended: $(tail -n 3 "$scratch/$program.err")" >&2; failed=1; }
done
echo "$(getconf _NPROCESSORS_ONLN) processors of $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), Linux $(uname -r), $(date +%F); \`make soak-programs MINUTES=$minutes\`:"
echo
tell || failed=1
redis_work=$(work_of_redis)
python3_work=$(work_of_python3)
kill "$load_process" "$pid_python3" 2>/dev/null
redis shutdown nosave >/dev/null
wait "$redis_process" || { echo "soak.sh: redis-server ends badly: $(tail -n 3 "$scratch/redis.err")" >&2; failed=1; }
wait "$pid_stress" || { echo "soak.sh: the stress test fails: $(cat "$scratch/stress.err")" >&2; failed=1; }
started=
echo
echo "Done in that time: redis $redis_work; python3 $python3_work; stress $(work_of_stress)."
exit "$failed"
