#!/usr/bin/env bash
# docker.sh DIRECTORY LISTENER EXPORTER: Docker's containers, and what the exporter calls them.
source "$(dirname "$0")/dockerd.sh"

start host 80 --name web
replica host 8001 1
replica host 8002 2
start host 8003 --name liar --label com.docker.compose.project=shop \
    --label com.docker.compose.service=api --label com.docker.compose.container-number=3
await listeners 4
show started
show off --collector.module.container-names=off
show elsewhere "--path.docker=$directory"
# Docker's files may be on a file system that does not respond.
mkdir "$directory/silent"
python3 "$(dirname "$0")/silent.py" "$directory/silent" &
await grep -q "$directory/silent" /proc/mounts
show silent "--path.docker=$directory/silent"
echo "== private"
unshare --cgroup "$exporter" --once
echo "== web"
"$products/tcptable" --listening --module docker-web
echo "== replicas"
"$products/tcptable" --listening --module 'docker-shop/*'
echo "== library"
sources=$(dirname "$0")/../../..
gcc -o "$directory/owners" "$sources/Tests/IPHelperTests/Example/owners.c" \
    -I "$sources/Sources/CIPHelper/include" -L "$products" -lIPHelper "-Wl,-rpath,$products"
"$directory/owners"
/usr/bin/docker rename web front
show renamed
/usr/bin/docker rename front web
/usr/bin/docker restart -t 0 web >/dev/null
/usr/bin/docker rm -f shop-api-1 >/dev/null
replica host 8001 1
await listeners 4
show recreated
