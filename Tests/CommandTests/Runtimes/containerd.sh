#!/usr/bin/env bash
# containerd.sh DIRECTORY LISTENER EXPORTER: containers of containerd with the annotations of its CRI
# plugin, one of nerdctl's, and log names as the kubelet makes them.
source "$(dirname "$0")/common.sh"
mkdir -p "$directory/log/containers" "$directory/log/pods"
containerd --root "$directory/state" --state /run/containerd --address /run/containerd.sock \
    >"$directory/log/containerd" 2>&1 &

run() { ctr --address /run/containerd.sock "$@"; }
await run version

# start NAMESPACE DIGIT CGROUP ANNOTATION...: a container whose ID is 64 times the digit. It has the host's
# network, unless "network" is empty.
network=--net-host
start() {
    local id annotations=()
    id=$(printf "$2%.0s" {1..64})
    for annotation in "${@:4}"; do annotations+=(--annotation "$annotation"); done
    # shellcheck disable=SC2086
    run --namespace "$1" run --detach --null-io $network --rootfs --cgroup "$3/$id" \
        "${annotations[@]}" "$directory/root" "$id" /listener >/dev/null
}

cri=io.kubernetes.cri
pod=/kubepods/besteffort/pod11112222-3333-4444-5555-666677778888
start k8s.io a "$pod" $cri.sandbox-namespace=shop $cri.sandbox-name=api-1 $cri.container-name=api
start k8s.io b "$pod" $cri.sandbox-namespace=shop $cri.sandbox-name=api-1
start k8s.io c "$pod"
start default d /default nerdctl/name=web
await listeners 4
# The one without annotations has a log.
touch "$directory/log/containers/api-1_shop_proxy-$(printf 'c%.0s' {1..64}).log"
show started "--path.pod-logs=$directory/log"
show elsewhere "--path.containerd=$directory" "--path.pod-logs=$directory"
echo "== pods"
"$products/tcptable" --listening --module 'k8s-shop/*' "--path.pod-logs=$directory/log"
# A pod's first container has neither annotations nor a log: its cgroup has the pod's UID.
mkdir "$directory/log/pods/shop_api-2_21112222-3333-4444-5555-666677778888"
network=''
start k8s.io e /kubepods/besteffort/pod21112222-3333-4444-5555-666677778888
await listening 5
show networks --collector.netns=all "--path.pod-logs=$directory/log"
