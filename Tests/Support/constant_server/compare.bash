#!/bin/bash
# compare.bash [ROUNDS] [SECONDS]: requests a second of tcptable_exporter's /-/healthy, by wrk, in turn
# with those of a C program that answers a constant (main.c beside this file), and their ratio: the
# median over the rounds. Builds the release executable and the program; needs wrk and gcc.
set -euo pipefail
cd "$(dirname "$0")/../../.."
rounds=${1:-7} seconds=${2:-3}
directory=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$directory"' EXIT

swift build -c release --static-swift-stdlib --product tcptable_exporter >&2
gcc -O2 -Wall -Wextra -Werror -o "$directory/constant_server" \
    Tests/Support/constant_server/main.c -lmicrohttpd

"$directory/constant_server" 19181 & pids+=($!)
.build/release/tcptable_exporter --log.level=error --web.listen-address=127.0.0.1:19182 & pids+=($!)
# Each says on standard error why it could not listen.
for port in 19181 19182; do
    until curl -sf --noproxy '*' "http://127.0.0.1:$port/-/healthy" >/dev/null; do
        sleep 0.1
        kill -0 "${pids[@]}" || exit 1
    done
done

# Requests a second; wrk counts answers that are not 2xx or 3xx apart, and then the number means nothing.
measure() {
    wrk -t1 -c32 -d"${seconds}s" "http://127.0.0.1:$1/-/healthy" >"$directory/wrk"
    if grep -E "Non-2xx|Socket errors" "$directory/wrk" >&2; then exit 1; fi
    awk '/^Requests\/sec:/ { print $2 }' "$directory/wrk"
}

for ((round = 1; round <= rounds; round++)); do
    constant=$(measure 19181)
    exporter=$(measure 19182)
    awk -v a="$exporter" -v b="$constant" \
        'BEGIN { printf "%.0f %.0f %.3f\n", a, b, a / b }' | tee -a "$directory/rounds"
done
sort -n -k3 "$directory/rounds" |
    awk '{ ratio[NR] = $3 } END { printf "ratio (median of %d): %.3f\n", NR, ratio[int((NR + 1) / 2)] }'
