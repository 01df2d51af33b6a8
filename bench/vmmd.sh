#!/bin/sh
# Figures of vmmd as packaged: requests, creates, growth. Needs a tender for the images:
#   bench/vmmd.sh SMALL_IMAGE LASTING_IMAGE
# SMALL_IMAGE ends by itself (Solo5's test_hello.spt), LASTING_IMAGE runs on (ticker.spt).
# What the tender needs on the PATH is the caller's business.
set -eu
small=$1 lasting=$2
cd "$(dirname "$0")/.."
work=$(mktemp -d "${TMPDIR:-/tmp}/vmm-bench.XXXXXX")
run=$(mktemp -d /dev/shm/vmm-bench.XXXXXX 2>/dev/null) || run=$work # in memory, as /run is
pids=
stop() {
    for pid in $pids; do kill "$pid" 2>/dev/null; wait "$pid" || true; done
    rm -rf "$work" "$run"
}
trap stop EXIT
trap "exit 1" TERM INT
export VMM_TMPDIR="$run/tmp"
bench() {
    "$(etc/find-jdk)/bin/java" -cp "bench/target/classes:$(cat bench/target/class-path)" \
        vmm.bench.VmmdBench "$run/tmp/util/vmmd.sock" "$@"
}
start() {
    "dist/bin/$1" -q --tmpdir "$run/tmp" $3 2>>"$work/log" &
    pids="$! $pids"
    until [ -S "$run/tmp/util/$2.sock" ]; do sleep 0.02; done
}
mkdir -p "$work/db"
start vmm-supervisor supervisor ""
start vmm-console console ""
start vmmd vmmd "--dbdir $work/db"
vmmd=${pids%% *}
resident() { awk '/VmRSS/ { printf "vmmd resident: %.0f MB\n", $2 / 1024 }' "/proc/$vmmd/status"; }

resident
bench requests
bench policies
bench create "$small" 100 1
bench create "$small" 400 8
resident
grow() { # SIZE of padding, COUNT
    cp "$lasting" "$work/image"
    head -c "$1" /dev/urandom >>"$work/image"
    bench grow "$work/image" "$2"
    resident
    kill -9 "$vmmd"
    wait "$vmmd" 2>/dev/null || true
    rm -f "$run/tmp/util/vmmd.sock"
    begin=$(date +%s%N)
    start vmmd vmmd "--dbdir $work/db"
    vmmd=${pids%% *}
    until dist/bin/vmm info >/dev/null 2>&1; do sleep 0.05; done
    echo "vmmd again after SIGKILL, $2 running: answered after $((($(date +%s%N) - begin) / 1000000)) ms (with the client's start)"
    resident
    kill "$vmmd"
    wait "$vmmd" || true
    pids=${pids#* }
    rm -rf "$work/db"
    mkdir "$work/db"
    start vmmd vmmd "--dbdir $work/db"
    vmmd=${pids%% *}
}
grow 5000000 100
grow 1 500
