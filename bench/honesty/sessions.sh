# SPDX-License-Identifier: MIT
# Sourced by bench/honesty/honesty: sessions and comparisons in which it is known what is true.

# Milliseconds and MiB of a run (plant.c).
work=(100 1)

# An allocator without a library of its own, with the setting `mode` and inert ones beside it.
write_space() {
    cat >planted.yaml <<'END_OF_SPACE'
allocator: planted
what: A command whose time and memory depend on these settings as was planted
environment: {variable: PLANTED_CONF, pair: "=", separator: ","}
settings:
  mode: {type: choice, choices: ["0", "1", "2", "3", "4"], default: "0", scale: linear, source: bench/honesty, what: The one that may be planted}
  cache: {type: number, unit: blocks, minimum: 0, maximum: 256, default: 8, scale: log, source: bench/honesty, what: Nothing}
  trim: {type: size, minimum: 1MiB, maximum: 64MiB, default: 4MiB, scale: log, source: bench/honesty, what: Nothing}
  threshold: {type: size, minimum: 4KiB, maximum: 1MiB, default: 64KiB, scale: log, source: bench/honesty, what: Nothing}
  dirty: {type: percent, minimum: 0%, maximum: 100%, default: 50%, scale: linear, source: bench/honesty, what: Nothing}
  decay: {type: delay, minimum: 1ms, maximum: 1s, default: 10ms, scale: log, source: bench/honesty, what: Nothing}
  early: {type: switch, default: false, scale: linear, source: bench/honesty, what: Nothing}
  huge: {type: choice, choices: [never, always], default: never, source: bench/honesty, what: Nothing}
END_OF_SPACE
}

# A program that computes on each processor, for at most SECONDS.
start_neighbours() {
    local cpu
    for cpu in $(seq 0 $(($(nproc) - 1))); do
        timeout "$1" taskset -c "$cpu" sh -c 'while :; do :; done' &
        neighbours+=($!)
    done 2>/dev/null
}

stop_neighbours() {
    [ ${#neighbours[@]} -eq 0 ] || { kill "${neighbours[@]}" && wait "${neighbours[@]}"; } 2>/dev/null
    neighbours=()
}

# session SECONDS SEED OPTION... -- COMMAND...: `conf` is what it recommends, `saved` what it saved for whatever it is good, each empty without a winner;
# `said` is its verdict.
session() {
    local budget=$1 session_seed=$2
    shift 2
    rm -f s*.env s.journal* s.json
    "$tune" --allocator ./planted.yaml --budget "${budget}s" --objective time --seed "$session_seed" --output s.env --journal s.journal --format json --quiet \
        "$@" >s.json 2>s.err </dev/null
    local status=$?
    [ $status -eq 0 ] || { echo "  the session ended with status $status: $(head -n 1 s.err)"; broken=$((broken + 1)); }
    conf=$(sed -n 's/^PLANTED_CONF=//p' s.env 2>/dev/null)
    saved=$(sed -n 's/^PLANTED_CONF=//p' s*.env 2>/dev/null)
    said=$(sed -n 's/^ *"text": "\(.*\)",*$/\1/p' s.json | head -n 1)
}

# versus SEED SETTINGS OPTION... -- COMMAND...: compares the default with SETTINGS; sets ratio, low, high (of speed) and verdict. Both have the same file as
# their library, by two names: of two copies one may take longer to map.
versus() {
    local versus_seed=$1 folder=planted-$2
    shift 2
    mkdir -p planted- "$folder"
    cp "$planted" planted-/ && ln -f planted-/libplanted.so "$folder/"
    IFS=, read -r ratio low high _ _ _ verdict _ < <("$tune" compare --quiet --format csv --seed "$versus_seed" "default=lib:$PWD/planted-/libplanted.so" \
        "other=lib:$PWD/$folder/libplanted.so" "$@" 2>c.err </dev/null | awk -F, '$2 == "other" { print substr($0, index($0, $6)) }')
    [ -n "${low:-}" ] || { echo "  the comparison gave no interval: $(head -n 1 c.err)"; broken=$((broken + 1)); ratio=1 low=1 high=1 verdict=none; }
}

# As percent.
percent() { awk "BEGIN { printf \"%+.2f%%\", 100 * ($1 - 1) }"; }

part_aa() {
    local count i better=0 with s=${seconds:-15}
    count=$(count_of 40)
    write_space
    echo "aa: $count sessions of $s s, nothing differs"
    for ((i = 0; i < count; i++)); do
        with=alone
        ((i % 2)) && with=neighbours && start_neighbours $((${s%.*} * 2 + 60))
        session "$s" $((seed + i)) -- "$plant" "${work[@]}"
        stop_neighbours
        [ -z "$saved" ] || better=$((better + 1))
        printf '  %3d %-10s %-6s %s\n' $((i + 1)) $with "${saved:+BETTER}" "$said"
    done
    bar $((better <= $(at_most "$count" 40 2))) "$better of $count sessions say better, at most $(at_most "$count" 40 2) may"
}

part_planted() {
    local count i found=0 s=${seconds:-60}
    count=$(count_of 10)
    write_space
    echo "planted: $count sessions of $s s, one setting saves 2 % of the time"
    for ((i = 0; i < count; i++)); do
        session "$s" $((seed + i)) -- "$plant" "${work[@]}" mode=3:-2:0
        case ,$conf, in *,mode=3,*) found=$((found + 1)) ;; esac
        printf '  %3d %-24s %s\n' $((i + 1)) "${conf:--}" "$said"
    done
    bar $((found >= $(at_least "$count" 10 9))) "$found of $count sessions find it, at least $(at_least "$count" 10 9) have to"
}

# planted_difference NUMBER SAVED SECONDS WITH: one line; counts in found and held.
planted_difference() {
    local truth holds
    truth=$(awk "BEGIN { print 1 / (1 - $2 / 100) }")
    versus $((seed + $1)) mode=3 --budget "$3s" -- "$plant" "${work[@]}" "mode=3:-$2:0"
    holds=$(true_if "$low <= $truth && $truth <= $high")
    held=$((held + holds))
    [ "$verdict" = faster ] && found=$((found + 1))
    printf '  %3d %-10s truth %s: %s, %s to %s, %s%s\n' $(($1 + 1)) "$4" "$(percent "$truth")" "$(percent "$ratio")" "$(percent "$low")" \
        "$(percent "$high")" "$verdict" "$([ "$holds" -eq 1 ] || echo ", MISSED")"
}

part_compare() {
    local count small i found=0 held=0 s=${seconds:-20} noisy_s=${seconds:-12} small_found gains=(1 3)
    count=$(count_of 25)
    small=$(((count * 10 + 24) / 25))
    echo "compare: $small comparisons of $s s with a difference of 0.5 %, $((count - small)) of $noisy_s s with more beside neighbours"
    for ((i = 0; i < small; i++)); do
        planted_difference $i 0.5 "$s" alone
    done
    small_found=$found
    for ((; i < count; i++)); do
        start_neighbours $((${noisy_s%.*} * 2 + 60))
        planted_difference $i "${gains[i % 2]}" "$noisy_s" neighbours
        stop_neighbours
    done
    bar $((small_found >= $(at_least "$small" 10 9))) "$small_found of $small comparisons find 0.5 %, at least $(at_least "$small" 10 9) have to"
    bar $((held >= $(at_least "$count" 25 24))) "$held of $count intervals hold the difference, at least $(at_least "$count" 25 24) have to"
}

# Each level saves 5 % of the memory and costs 2 % of the time: the third breaks the limit.
part_limits() {
    local count i breaks=0 winners=0 breaking s=${seconds:-15} truth rules=(mode=1:2:-5 mode=2:4:-10 mode=3:6:-15 mode=4:8:-20)
    count=$(count_of 20)
    write_space
    echo "limits: $count sessions of $s s for less memory, at most 5 % slower"
    for ((i = 0; i < count; i++)); do
        session "$s" $((seed + i)) --objective peak-memory --limit time=5 -- "$plant" 120 8 "${rules[@]}"
        truth=$(PLANTED_CONF=$conf "$plant" --tell "${rules[@]}")
        breaking=0 ratio=1 low=1 high=1
        if [ -n "$conf" ]; then
            winners=$((winners + 1))
            versus $((seed + 1000 + i)) "$conf" --budget "$(awk "BEGIN { print $s / 2 }")s" -- "$plant" 120 8 "${rules[@]}"
            breaking=$(true_if "1 / $high > 1.05")
        fi
        breaks=$((breaks + breaking))
        printf '  %3d truth: time %+d%%, memory %+d%%; fresh runs: time %s to %s%s; %s\n' $((i + 1)) $truth "$(percent "1 / $high")" "$(percent "1 / $low")" \
            "$([ "$breaking" -eq 0 ] || echo " BREAKS IT")" "$said"
    done
    bar $((breaks == 0)) "$breaks of $winners saved winners break the limit by more than their interval, none may"
}
