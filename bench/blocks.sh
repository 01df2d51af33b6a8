#!/bin/sh
# Block devices in and out as packaged, whole processes: MB/s and what vmmd and vmm took at most.
#   bench/blocks.sh [MiB of the device, default 2048]
# Client and vmmd get 64 MB of heap each. Needs three times the size free in $TMPDIR.
set -eu
size=${1:-2048}
cd "$(dirname "$0")/.."
work=$(mktemp -d "${TMPDIR:-/tmp}/vmm-bench.XXXXXX")
pids=
stop() {
    for pid in $pids; do kill "$pid" 2>/dev/null; wait "$pid" || true; done
    rm -rf "$work"
}
trap stop EXIT
trap "exit 1" TERM INT
export VMM_TMPDIR="$work/tmp" VMM_JAVA_OPTIONS=-Xmx64m
start() {
    program=$1 socket=$2
    shift 2
    "dist/bin/$program" -q --tmpdir "$work/tmp" "$@" 2>>"$work/log" &
    pids="$! $pids"
    until [ -S "$work/tmp/util/$socket.sock" ]; do sleep 0.02; done
}
mkdir "$work/db"
start vmm-supervisor supervisor
start vmm-console console
start vmmd vmmd --dbdir "$work/db"
vmmd=${pids%% *}

timed() { # what it is, then the command
    what=$1
    shift
    begin=$(date +%s%N)
    "$@" >"$work/out" 2>&1 &
    client=$!
    peak=0
    while kill -0 "$client" 2>/dev/null; do
        now=$(awk '/VmHWM/ { print $2 }' "/proc/$client/status" 2>/dev/null || true)
        [ -z "$now" ] || peak=$now
        sleep 0.05
    done
    wait "$client" || { cat "$work/out" "$work/log"; exit 1; }
    milliseconds=$((($(date +%s%N) - begin) / 1000000))
    echo "$what: $size MiB in $milliseconds ms, $((size * 1048576 / 1000 / milliseconds)) MB/s;" \
        "vmm at most $((peak / 1024)) MB resident," \
        "vmmd $(awk '/VmHWM/ { printf "%.0f MB", $2 / 1024 }' "/proc/$vmmd/status")"
}

# Noise that costs little to make: no zeros, no holes.
head -c 67108864 /dev/urandom >"$work/noise"
while [ "$(stat -c %s "$work/noise")" -lt $((size * 1048576)) ]; do
    head -c 67108864 "$work/noise" >>"$work/noise"
done
truncate -s $((size * 1048576)) "$work/noise"
timed "cp of the file, for comparison" cp "$work/noise" "$work/copy"
rm "$work/copy"
dist/bin/vmm create-block bench "$size" -q
timed "set-block" dist/bin/vmm set-block bench "$work/noise"
timed "dump-block" dist/bin/vmm dump-block bench "$work/dump"
cmp "$work/noise" "$work/dump" && echo "what came out is what went in"
