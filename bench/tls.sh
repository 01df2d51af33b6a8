#!/bin/sh
# vmm-tls-endpoint as packaged: connections a second, each with a command and its reply, what
# silent connections cost, an image, a revocation, inetd.
#   bench/tls.sh [AT_A_TIME...]
# Needs a C compiler and OpenSSL's headers (libssl-dev); inetd and socat for the last part.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
work=$(mktemp -d "${TMPDIR:-/tmp}/vmm-bench.XXXXXX")
pids=
stop() {
    for pid in $pids; do kill "$pid" 2>/dev/null; wait "$pid" || true; done
    rm -rf "$work"
}
trap stop EXIT
trap "exit 1" TERM INT
cc -O2 -Wall -o "$work/tls-load" bench/tls-load.c -lssl -lcrypto -lpthread
port=$((30000 + $$ % 2000))
seconds=${SECONDS_EACH:-5}

certificate() { # NAME, the command that it gives
    name=$1
    shift
    "$root/dist/bin/vmm" "$@" --csr >>log
    "$root/dist/bin/vmm" sign cacert.pem ca.db ca.key "$name.req" >>log
}
start() { # PROGRAM OPTION...
    program=$1
    shift
    "dist/bin/$program" -q --tmpdir "$work/tmp" "$@" 2>>"$work/log" &
    pids="$! $pids"
}
listens() { # PORT
    until ss -ltn | grep -q ":$1 "; do
        kill -0 "${pids%% *}" || { cat "$work/log"; exit 1; }
        sleep 0.02
    done
}
load() { "$work/tls-load" $port "$work/cacert.pem" "$work/$1.pem" "$work/$1.key" $2; }
used() { # what the endpoint has used, in ticks of 10 ms
    set -- $(cut -d ')' -f 2- /proc/$endpoint/stat)
    echo $((${12} + ${13}))
}
ask() { # AT_A_TIME; also what a connection costs the endpoint
    before=$(used)
    line=$(load unikernel "ask $1 $seconds")
    rate=$(echo "$line" | sed 's/.*: \([0-9]*\) conn.*/\1/')
    echo "$line, endpoint CPU $(echo "$before $(used) $rate $seconds" |
        awk '{ printf "%.2f", ($2 - $1) * 10 / ($3 * $4) }') ms each"
}
resident() { awk -v when="$1" '/VmRSS/ { printf "resident, %s: %.0f MB\n", when, $2 / 1000 }' /proc/$endpoint/status; }

(
    cd "$work"
    "$root/dist/bin/vmm" generate ca ca.db >log
    certificate unikernel info -n unikernel
    certificate image create image none --typ bhyve
    certificate live stats -n live
    "$root/dist/bin/vmm" revoke cacert.pem ca.key live.pem --crl live.list >>log
    mkdir db crls
)
files="--crls $work/crls --crls-seen $work/seen $work/cacert.pem $work/server.pem $work/server.key"
start vmm-supervisor
start vmm-stats
start vmmd --dbdir "$work/db"
start vmm-tls-endpoint --ip 127.0.0.1 --port $port $files
endpoint=${pids%% *}
listens $port
resident idle
echo "from its start:"
ask 16
echo "warm:"
ask 16 >/dev/null
for count in ${@:-1 4 16}; do ask "$count"; done
resident after

echo "beside 1,000 silent connections:"
"$work/tls-load" $port hold 1000 >"$work/held" &
holder=$!
until grep -q open "$work/held"; do sleep 0.05; done
ask 16
wait $holder
tail -n 1 "$work/held"
resident after

for _ in 1 2 3 4 5; do load image "upload 30"; done
resident after
sleep 10
resident "quiet again"

load live await >"$work/ended" &
session=$!
sleep 1
mv "$work/live.list" "$work/crls/live.crl"
begin=$(date +%s%N)
wait $session
echo "a live session ended $((($(date +%s%N) - begin) / 1000000)) ms after the list that revokes it was there"

inetd=$(command -v inetd || echo /usr/sbin/inetd)
[ -x "$inetd" ] && [ -x /usr/bin/socat ] || exit 0
under_inetd() { # PROGRAM ARGUMENT...
    port=$((port + 2000))
    echo "127.0.0.1:$port stream tcp nowait.100000 $(id -un) $*" >"$work/inetd.conf"
    "$inetd" -d "$work/inetd.conf" >>"$work/log" 2>&1 &
    pids="$! $pids"
    listens $port
    load unikernel "ask 1 2" >/dev/null
    load unikernel "ask 1 $seconds"
}
echo "under inetd, a process for each:"
under_inetd "$root/dist/bin/vmm-tls-endpoint" vmm-tls-endpoint --inetd --tmpdir "$work/tmp" $files
echo "under inetd, relayed by socat to the resident endpoint:"
start vmm-tls-endpoint --listen "$work/tls.sock" $files
until [ -S "$work/tls.sock" ]; do sleep 0.05; done
under_inetd /usr/bin/socat socat STDIO "UNIX-CONNECT:$work/tls.sock"
