#!/usr/bin/env bash
# docker.sh DIRECTORY LISTENER EXPORTER: Docker's containers, and what the exporter calls them.
source "$(dirname "$0")/common.sh"
mkdir -p /var/lib/docker
mount --bind "$directory/state" /var/lib/docker
dockerd --iptables=false --bridge=none --storage-driver=vfs \
    --exec-opt native.cgroupdriver=cgroupfs >"$directory/log" 2>&1 &
await /usr/bin/docker version

start() { /usr/bin/docker run -d --net=host "$@" image /listener >/dev/null; }
replica() {
    start --name "shop-api-$1" --label com.docker.compose.project=shop \
        --label com.docker.compose.service=api --label com.docker.compose.container-number="$1"
}

tar -C "$directory/root" -c . | /usr/bin/docker import - image >/dev/null
start --name web
replica 1
replica 2
start --name liar --label com.docker.compose.project=shop \
    --label com.docker.compose.service=api --label com.docker.compose.container-number=3
await listeners 4
show started
show off --collector.module.container-names=off
show elsewhere "--path.docker=$directory"
echo "== private"
unshare --cgroup "$exporter" --once
/usr/bin/docker rename web front
show renamed
/usr/bin/docker rename front web
/usr/bin/docker restart -t 0 web >/dev/null
/usr/bin/docker rm -f shop-api-1 >/dev/null
replica 1
await listeners 4
show recreated
