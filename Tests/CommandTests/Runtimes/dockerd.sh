# What the scripts about Docker share: a daemon of their own, and an image. Sourced with "$@".
source "$(dirname "$0")/common.sh"
mkdir -p /var/lib/docker
mount --bind "$directory/state" /var/lib/docker
dockerd --iptables=false --storage-driver=vfs \
    --exec-opt native.cgroupdriver=cgroupfs >"$directory/log" 2>&1 &
await /usr/bin/docker version
tar -C "$directory/root" -c . | /usr/bin/docker import - image >/dev/null

# start NETWORK PORT OPTION...: a container that listens.
start() { /usr/bin/docker run -d "--net=$1" "${@:3}" image /listener "$2" >/dev/null; }

# replica NETWORK PORT NUMBER: one of a Compose service.
replica() {
    start "$1" "$2" --name "shop-api-$3" --label com.docker.compose.project=shop \
        --label com.docker.compose.service=api --label com.docker.compose.container-number="$3"
}
