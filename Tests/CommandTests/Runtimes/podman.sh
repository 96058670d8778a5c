#!/usr/bin/env bash
# podman.sh DIRECTORY LISTENER EXPORTER: Podman's containers, and what the exporter calls them.
source "$(dirname "$0")/common.sh"
mkdir -p /var/lib/containers
mount --bind "$directory/state" /var/lib/containers
# Limits that take CAP_SYS_RESOURCE are left out.
cat >"$directory/containers.conf" <<'END'
[containers]
default_ulimits = []
pids_limit = 0
[engine]
events_logger = "none"
END
export CONTAINERS_CONF="$directory/containers.conf"

run() { podman --runtime runc --cgroup-manager=cgroupfs --storage-driver=vfs "$@"; }
start() { run run -d --net=host "$@" image /listener >/dev/null; }

tar -C "$directory/root" -c . | run import - image >/dev/null 2>&1
start --name web
start --name db
await listeners 2
show started
run rm -f -t 0 web >/dev/null
start --name web
await listeners 2
show recreated
