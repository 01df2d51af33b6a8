#!/bin/sh
# Lines a second through vmm-console as packaged, from a fifo to its ring and to subscribers:
#   bench/console.sh [LINES]
# One line of 80 bytes a write, as a tender does; 2,000,000 lines unless told.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d "${TMPDIR:-/tmp}/vmm-bench.XXXXXX")
console=
stop() {
    [ -z "$console" ] || { kill "$console"; wait "$console" || true; }
    rm -rf "$work"
}
trap stop EXIT
trap "exit 1" TERM INT
dist/bin/vmm-console -q --tmpdir "$work" &
console=$!
until [ -S "$work/util/console.sock" ]; do sleep 0.02; done
"$(etc/find-jdk)/bin/java" --enable-native-access=ALL-UNNAMED \
    -cp "bench/target/classes:dist/lib/*" vmm.bench.ConsoleBench "$work" "${1:-2000000}"
awk '/VmRSS/ { printf "vmm-console resident: %.0f MB\n", $2 / 1024 }' "/proc/$console/status"
