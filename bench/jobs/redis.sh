# SPDX-License-Identifier: MIT
what="redis-server: 500,000 keys set, half of them deleted, 300,000 set with longer values"
needs="redis-server redis-cli"
. "$jobs/parts/server.sh"

# Commands in redis' protocol.
prepare() {
    LC_ALL=C awk 'BEGIN {
        for (i = 0; i < 1000; i++) filler = filler "x"
        for (i = 0; i < 500000; i++) set("key:" i, 10 + (i * 7919) % 350)
        for (i = 0; i < 500000; i += 2) command(2, "DEL", "key:" i)
        for (i = 0; i < 300000; i++) set("new:" i, 30 + (i * 104729) % 450)
        for (i = 0; i < 50000; i++) command(4, "HSET", "hash:" i % 500, "field" i, "value" i)
    }
    function argument(text) { printf "$%d\r\n%s\r\n", length(text), text }
    function command(count, a, b, c, d) {
        printf "*%d\r\n", count
        argument(a); argument(b)
        if (count > 3) { argument(c); argument(d) }
    }
    function set(key, size) {
        printf "*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n", length(key), key, size, substr(filler, 1, size)
    }' >commands
}

ask() { redis-cli -s "$job_scratch/redis.sock" "$@"; }

job() {
    measured redis-server --port 0 --unixsocket "$job_scratch/redis.sock" --save '' --appendonly no --dir "$job_scratch" --daemonize no \
        >"$job_scratch/log" 2>&1 &
    server=$!
    wait_for_server ask ping || return
    ask --pipe <commands | tail -n 1 && ask dbsize && ask get key:4711 && ask strlen new:4711 && ask hlen hash:77
    answered=$?
    ask shutdown nosave
    server_ended $answered
}
