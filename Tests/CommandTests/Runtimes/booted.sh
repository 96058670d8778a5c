#!/usr/bin/env bash
# booted.sh DIRECTORY LISTENER EXPORTER: containers below a real systemd, and what the exporter calls them, run
# by its own unit.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../../Guest/guest
source "$here/../../Guest/guest"
listener=$2 exporter=$3

guest_root names docker.io podman runc crun conmon catatonit uidmap slirp4netns fuse-overlayfs \
    dbus-user-session lxc systemd-container libmicrohttpd12 libjansson4 libyaml-0-2 libpcre2-8-0 curl
guest_boot names

# The unit as it is shipped, the exporter where it says, and Swift's libraries where the exporter needs them.
root=$guest_work/root
unit=$(find "$here/../../../Sources" -name tcptable_exporter.service)
install -D -t "$root/etc/systemd/system" "$unit"
install -D "$exporter" "$root$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$unit")"
ldd "$exporter" | awk '$3 ~ /swift/ { print $3 }' | while read -r library; do
    install -D "$library" "$root$library"
done
mkdir -p "$guest_files/image"
cp "$listener" "$guest_files/image/listener"
tar -C "$guest_files/image" -cf "$guest_files/image.tar" .
cp "$here"/{containers,waiting}.sh "$guest_files/"
guest bash /files/containers.sh
