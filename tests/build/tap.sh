# SPDX-License-Identifier: MIT
# What the packaging tests share: TAP lines for shell commands, and a directory that goes away at the end. Sourced by bash scripts.
set -u
test_number=0
scratch=$(mktemp -d) || exit 99
# distcheck leaves its source directory read-only.
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT

# ok DESCRIPTION COMMAND...: passes if COMMAND exits 0; otherwise shows what it printed.
ok() {
    local description=$1 output
    shift
    test_number=$((test_number + 1))
    if output=$("$@" 2>&1); then
        echo "ok $test_number - $description"
    else
        echo "not ok $test_number - $description"
        printf '%s\n' "command: $*" "$output" | tail -n 40 | sed 's/^/# /'
    fi
}

# skip DESCRIPTION REASON
skip() {
    test_number=$((test_number + 1))
    echo "ok $test_number - $1 # SKIP $2"
}

# refuses STATUS TEXT... -- COMMAND...: whether COMMAND exits with STATUS and its output holds each TEXT.
refuses() {
    local expected=$1 status=0 output texts=()
    shift
    while [ "$1" != -- ]; do texts+=("$1"); shift; done
    shift
    output=$("$@" 2>&1) || status=$?
    printf '%s\n' "$output" "status $status, expected $expected"
    [ "$status" -eq "$expected" ] || return 1
    for text in "${texts[@]}"; do
        grep -qF -e "$text" <<<"$output" || { echo "does not say: $text"; return 1; }
    done
}

# tools_without DIRECTORY NAME...: fills DIRECTORY with links to every program of the system's, but for those called NAME (shell patterns).
tools_without() {
    local directory=$1 name
    shift
    mkdir -p "$directory"
    find /usr/bin /bin -maxdepth 1 -not -type d -print0 | xargs -0 ln -sf -t "$directory"
    for name in "$@"; do find "$directory" -maxdepth 1 -name "$name" -delete; done
}

finish() { echo "1..$test_number"; }
