# containers.sh: run in the guest by booted.sh. Starts containers of each runtime, and shows in phases what the
# exporter says. All in one unit: it ends Podman's monitors with it.
set -euo pipefail
source /files/waiting.sh

# show PHASE: what the unit's exporter says now.
show() {
    echo "== $1"
    curl -sS localhost:10793/metrics
}

# as_user COMMAND: by a shell of a user who lingers, in a session: the user's systemd takes processes from there.
as_user() {
    su - user -c "export XDG_RUNTIME_DIR=/run/user/1000
        export DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus; $1"
}

# dockers PORT OPTION...
dockers() { docker run -d "${@:2}" image /listener "$1" >/dev/null; }
# podmans PORT OPTION...
podmans() { podman run -d "${@:2}" image /listener "$1" >/dev/null; }

# Limits that take CAP_SYS_RESOURCE are left out; overlays do not lie on each other.
cat >/etc/containers/containers.conf <<'END'
[containers]
default_ulimits = []
pids_limit = 0
[engine]
runtime = "runc"
events_logger = "none"
END
printf '[storage]\ndriver = "vfs"\nrunroot = "/run/containers/storage"\n' >/etc/containers/storage.conf
printf 'graphroot = "/var/lib/containers/storage"\n' >>/etc/containers/storage.conf
cat >/etc/docker/daemon.json <<'END'
{"exec-opts": ["native.cgroupdriver=systemd"], "iptables": false, "storage-driver": "vfs"}
END
systemctl restart docker
docker import /files/image.tar image >/dev/null
podman import /files/image.tar image >/dev/null 2>&1
useradd --create-home user
loginctl enable-linger user
await test -S /run/user/1000/bus

dockers 8001 --net=host --cgroupns=private --name web
dockers 8002 --net=host --cgroupns=host --name db
podmans 8003 --net=host --name cache
podman pod create --name shop --network=host >/dev/null
podmans 8004 --pod shop --name api
as_user 'mkdir -p .config/containers; printf "[storage]\ndriver = \"vfs\"\n" >.config/containers/storage.conf'
as_user 'podman import /files/image.tar image' >/dev/null 2>&1
as_user 'podman run -d --net=host --name mine image /listener 8005' >/dev/null

mkdir -p /var/lib/lxc/box/rootfs/{dev,proc,sys}
cp /files/image/listener /var/lib/lxc/box/rootfs/
cat >/var/lib/lxc/box/config <<'END'
lxc.rootfs.path = dir:/var/lib/lxc/box/rootfs
lxc.net.0.type = none
lxc.apparmor.profile = unconfined
lxc.init.cmd = /listener 8006
lxc.autodev = 0
END
lxc-start -n box

# One with a unit of nspawn's own, one that machined makes a scope for.
for name in post mail; do
    mkdir -p /var/lib/machines/$name/{dev,etc,proc,run,sys,tmp,usr,var}
    touch /var/lib/machines/$name/etc/os-release
    cp /files/image/listener /var/lib/machines/$name/
done
mkdir -p /etc/systemd/system/systemd-nspawn@post.service.d
cat >/etc/systemd/system/systemd-nspawn@post.service.d/listener.conf <<'END'
[Service]
ExecStart=
ExecStart=systemd-nspawn --quiet --keep-unit --directory=/var/lib/machines/%i --machine=%i /listener 8007
END
systemctl daemon-reload
systemctl start systemd-nspawn@post
systemd-run --quiet --unit=nspawn-mail \
    systemd-nspawn --quiet --directory=/var/lib/machines/mail --machine=mail /listener 8008

await listening 8
systemctl start tcptable_exporter
curl -sS -o /dev/null localhost:10793/metrics
show started
docker rename web front
docker restart -t 0 front >/dev/null
docker rename front web
docker rm -f db >/dev/null
dockers 8002 --net=host --cgroupns=host --name db
podman rm -f -t 0 cache >/dev/null
podmans 8003 --net=host --name cache
as_user 'podman restart -t 0 mine' >/dev/null
await listening 8
show recreated
echo == private
unshare --cgroup tcptable_exporter --once

# Networks of their own; that of a pod is its first container's, which holds it.
podman pod rm -f -t 0 shop >/dev/null
docker rm -f web db >/dev/null
podman rm -f -t 0 cache >/dev/null
as_user 'podman rm -f -t 0 mine' >/dev/null
dockers 80 --net=none --name web
podman pod create --name shop --infra-name shop-network --network=none >/dev/null
podmans 80 --pod shop --name api
as_user 'podman run -d --net=none --name mine image /listener 80' >/dev/null
await listening 6
echo == networks
tcptable_exporter --once --collector.netns=all
docker rm -f web >/dev/null
dockers 80 --net=none --name web
podman pod stop -t 0 shop >/dev/null
podman pod start shop >/dev/null
as_user 'podman restart -t 0 mine' >/dev/null
await listening 6
echo == networks-recreated
tcptable_exporter --once --collector.netns=all
