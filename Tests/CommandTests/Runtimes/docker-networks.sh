#!/usr/bin/env bash
# docker-networks.sh DIRECTORY LISTENER EXPORTER: containers with networks of their own, and one by ip netns.
source "$(dirname "$0")/dockerd.sh"

ip netns add blue
ip netns exec blue "$directory/root/listener" 80 &
start none 80 --name web
replica bridge 80 1
replica bridge 80 2
await listening 4
show started --collector.netns=all
/usr/bin/docker restart -t 0 web >/dev/null
/usr/bin/docker rm -f shop-api-1 >/dev/null
replica bridge 80 1
await listening 4
show recreated --collector.netns=all
