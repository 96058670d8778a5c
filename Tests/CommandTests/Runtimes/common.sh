# What the scripts beside this file share. Sourced with "$@" as SCRIPT DIRECTORY LISTENER EXPORTER.
set -euo pipefail
if [[ ${inside:-} != yes ]]; then
    # Whatever a runtime starts ends with its PID namespace.
    inside=yes exec unshare --mount --net --pid --fork --kill-child --mount-proc \
        --propagation private "$0" "$@"
fi
source "$(dirname "$0")/waiting.sh"
directory=$1 exporter=$3 products=$(cd "$(dirname "$3")" && pwd)
mkdir -p "$directory"/{root,state}
cp "$2" "$directory/root/listener"
ip link set lo up
mount -t tmpfs tmpfs /run

# listeners COUNT: whether so many listen.
listeners() { [[ $(ss -Htln | grep -c '0\.0\.0\.0:[0-9]') == "$1" ]]; }

# show PHASE [OPTION...]: what the exporter says now.
show() {
    echo "== $1"
    "$exporter" --once "${@:2}"
}
