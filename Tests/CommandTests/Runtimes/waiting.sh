# What scripts of this folder wait with.

# await COMMAND: waits until it succeeds.
await() {
    local tries
    for ((tries = 0; tries < 200; tries++)); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    echo "timed out: $*" >&2
    return 1
}

# listening COUNT: whether so many listeners run, in whatever network.
listening() { [[ $(pgrep -cx listener) == "$1" ]]; }
