#!/bin/sh
# Connections a second to vmm-tls-endpoint as packaged, each with a command and its reply:
#   bench/tls.sh [AT_A_TIME...]
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
port=$((30000 + $$ % 10000))
(
    cd "$work"
    "$root/dist/bin/vmm" generate ca ca.db
    "$root/dist/bin/vmm" info -n unikernel --csr
    "$root/dist/bin/vmm" sign cacert.pem ca.db ca.key unikernel.req
) >"$work/log" 2>&1
mkdir -p "$work/db"
dist/bin/vmm-supervisor -q --tmpdir "$work/tmp" 2>>"$work/log" &
pids="$!"
dist/bin/vmmd -q --tmpdir "$work/tmp" --dbdir "$work/db" 2>>"$work/log" &
pids="$! $pids"
dist/bin/vmm-tls-endpoint -q --tmpdir "$work/tmp" --ip 127.0.0.1 --port $port --crls-seen "$work/seen" \
    --crls "$work" "$work/cacert.pem" "$work/server.pem" "$work/server.key" 2>>"$work/log" &
endpoint=$!
pids="$endpoint $pids"
until ss -ltn | grep -q ":$port "; do
    kill -0 $endpoint || { cat "$work/log"; exit 1; }
    sleep 0.1
done
echo "resident, idle: $(awk '/VmRSS/ {print $2}' /proc/$endpoint/status) kB"
"$(etc/find-jdk)/bin/java" -cp bench/target/classes vmm.bench.TlsBench \
    $port "$work/cacert.pem" "$work/unikernel.pem" "$work/unikernel.key" ${@:-1 4 16}
echo "resident, after: $(awk '/VmRSS/ {print $2}' /proc/$endpoint/status) kB"
