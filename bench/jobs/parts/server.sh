# SPDX-License-Identifier: MIT
# For the jobs of servers. Each listens on a socket in $job_scratch alone.

# wait_for_server COMMAND...: until COMMAND succeeds, while the server whose bench/peak is process $server runs.
wait_for_server() {
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        if [ $tries -ge 600 ] || ! kill -0 "$server" 2>/dev/null; then
            tail -n 1 "$job_scratch/log" >&2
            return 1
        fi
        sleep 0.05
    done
}

# wait_for_clients PROCESS...: whether all of them ended well; what the failed ones said last goes to stderr.
wait_for_clients() {
    clients_status=0
    for client in "$@"; do
        wait "$client" || clients_status=1
    done
    [ $clients_status -eq 0 ] || tail -q -n 1 "$job_scratch"/answers* >&2
    return $clients_status
}

# server_ended STATUS-OF-THE-CLIENTS: waits for the server, which has been told to end; whether all went well.
server_ended() {
    wait "$server" && return "$1"
}
