#!/bin/bash
# How long each packaged daemon takes from exec to its socket, and what it holds when idle.
#   bench/start.sh [ROUNDS]
# The median of the rounds (9 unless told), the processor time, and the resident memory.
set -eu
rounds=${1:-9}
cd "$(dirname "$0")/.."
work=$(mktemp -d "${TMPDIR:-/tmp}/vmm-bench.XXXXXX")
pids=
stop() {
    for pid in $pids; do kill "$pid" 2>/dev/null; wait "$pid" || true; done
    pids=
}
trap 'stop; rm -rf "$work"' EXIT
trap 'exit 1' TERM INT
mkdir "$work/db"
exec {quiet}<> <(:) # waiting without a process of its own

start() { # PROGRAM SOCKET OPTION...: one line of milliseconds and ticks
    local program=$1 socket=$work/tmp/util/$2.sock begin now
    shift 2
    rm -f "$socket"
    begin=${EPOCHREALTIME/[.,]/}
    "dist/bin/$program" -q --tmpdir "$work/tmp" "$@" 2>>"$work/log" &
    pids="$! $pids"
    until [ -S "$socket" ]; do
        kill -0 "${pids%% *}" || { cat "$work/log" >&2; exit 1; }
        read -rt 0.002 -u "$quiet" || true
    done
    now=${EPOCHREALTIME/[.,]/}
    echo "$program $(((now - begin) / 1000)) $(ticks "${pids%% *}")" >>"$work/times"
}

ticks() { sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f12,13 | tr ' ' +; }

all() {
    start vmm-supervisor supervisor
    start vmm-console console
    start vmmd vmmd --dbdir "$work/db"
    start vmm-stats stat
}

for ((i = 0; i < rounds; i++)); do
    all
    if [ $((i + 1)) = "$rounds" ]; then break; fi
    stop
done
sleep 2 # idle: what a start leaves to be done is done
for pid in $pids; do
    tr '\0' '\n' <"/proc/$pid/cmdline" | sed -n 's/^vmm\.[a-z]*\.\([A-Za-z]*\)Main$/\1/p' |
        tr -d '\n'
    awk '/VmRSS/ { printf ": %.1f MB resident\n", $2 / 1024 }' "/proc/$pid/status"
done
for program in vmm-supervisor vmm-console vmmd vmm-stats; do
    grep "^$program " "$work/times" | sort -nk2 | awk -v n="$program" '
        { ms[NR] = $2; split($3, t, "+"); cpu[NR] = (t[1] + t[2]) * 10 }
        END { m = int((NR + 1) / 2); printf "%s: %d ms from exec to its socket (least %d), %d ms of processor time\n", n, ms[m], ms[1], cpu[m] }'
done
