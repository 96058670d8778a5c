/// A container's id as runtimes write it, and its first twelve digits, which name it.
let containerID = "4f6e2b1c9a7d" + String(repeating: "0123456789abcdef", count: 3) + "beef"
let otherContainerID = "c0ffee123456" + String(repeating: "fedcba9876543210", count: 3) + "f00d"

/// A pod's and a task's, which are no container's.
let podUUID = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
let podSlice = "pod0a1b2c3d_4e5f_6071_8293_a4b5c6d7e8f9.slice"
let taskID = "07a3e1b2c4d5e6f708192a3b4c5d6e7f"

/// A path seen in the field, and what a person would name by it.
struct CgroupShape: Sendable, CustomStringConvertible {
    let path: String
    /// `service NAME`, `container NAME`, or nil where the executable names it.
    let name: String?

    init(_ path: String, _ name: String?) {
        self.path = path
        self.name = name
    }

    var description: String { path }
}

/// A command to a user's own systemd starts so.
let userService = "/user.slice/user-1000.slice/user@1000.service"

extension CgroupShape {
    static let systemd = [
        Self("/system.slice/nginx.service", "service nginx.service"),
        Self("/system.slice/system-getty.slice/getty@tty1.service", "service getty@tty1.service"),
        Self(
            "/system.slice/system-openvpn\\x2dclient.slice/openvpn-client@work.service",
            "service openvpn-client@work.service"),
        Self(
            "/system.slice/system-postgresql.slice/postgresql@15-main.service",
            "service postgresql@15-main.service"),
        Self("/system.slice/systemd\\x2dcoredump.service", "service systemd-coredump.service"),
        Self("/system.slice/run-u42.service", "service run-u42.service"),
        Self("/system.slice/foo.service/workers/3", "service foo.service"),
        Self("/system.slice/outer.service/inner.service", "service inner.service"),
        Self("/azure.slice/walinuxagent.service", "service walinuxagent.service"),
        Self("/runtime.slice/containerd.service", "service containerd.service"),
        Self("/system.slice/snap.lxd.daemon.service", "service snap.lxd.daemon.service"),
        Self("\(userService)/app.slice/syncthing.service", "service syncthing.service"),
        Self("\(userService)/app.slice/app-web@1.service", "service app-web@1.service"),
        Self("\(userService)/session.slice/dbus.service", "service dbus.service"),
        Self("/user.slice/user-1000.slice/user@1000.service", "service user@1000.service"),
        Self("/system.slice/escape\\x2.service", "service escape\\x2.service"),
        Self("/system.slice/escape\\x+f.service", "service escape\\x+f.service"),
        Self("/system.slice/escape\\x2D\\x41.service", "service escape-A.service"),
    ]

    /// What people name by the executable: it is a session, a slice or a scope of somebody.
    static let neither = [
        Self("/", nil),
        Self("", nil),
        Self("/init.scope", nil),
        Self("/system.slice", nil),
        Self("/user.slice/user-1000.slice/session-3.scope", nil),
        Self("\(userService)/init.scope", nil),
        Self("\(userService)/app.slice/app-gnome-firefox-4242.scope", nil),
        Self("\(userService)/app.slice/run-r0123456789abcdef.scope", nil),
        Self("\(userService)/tmux-spawn-0a1b2c3d.scope", nil),
        Self("\(userService)/dbus.socket", nil),
        Self("/system.slice/mnt-backup.mount", nil),
        Self("/system.slice/sshd.socket", nil),
        Self("/jobs/\(taskID)", nil),
        Self("/foo/\(containerID.dropLast())", nil),
        Self("/foo/\(containerID)0", nil),
        Self("/docker/\(containerID.uppercased())", nil),
        Self("/system.slice/docker-\(containerID.dropFirst()).scope", nil),
        Self("/system.slice/unknown-\(containerID).scope", nil),
        Self("/openrc.nginx", nil),
        Self("/docker/buildkit/x8f0k2m4n6p8r0t2v4w6y8z0a", nil),
    ]

    private static let docker = "container docker-4f6e2b1c9a7d"

    static let dockers = [
        Self("/docker/\(containerID)", docker),
        Self("/docker/\(containerID)/init", docker),
        Self("/system.slice/docker-\(containerID).scope", docker),
        Self("\(userService)/user.slice/docker-\(containerID).scope", docker),
        Self("/system.slice/docker.service/docker/\(containerID)", docker),
        Self("/custom.slice/docker-\(containerID).scope", docker),
        Self("/moby/\(containerID)", docker),
        Self("/ecstasks.slice/ecstasks-\(taskID).slice/docker-\(containerID).scope", docker),
        Self("/custom-parent/\(containerID)", "container container-4f6e2b1c9a7d"),
        Self("/system.slice/docker-\(containerID).scope/system.slice/nginx.service", docker),
        // Docker in Docker, and what runs in the inner one of kind's.
        Self("/docker/\(otherContainerID)/docker/\(containerID)", docker),
        Self(
            "/system.slice/docker-\(otherContainerID).scope/kubelet.slice/kubelet-kubepods.slice"
                + "/kubelet-kubepods-\(podSlice)/cri-containerd-\(containerID).scope", containerd),
        Self("/docker/\(containerID)/kubelet.slice/kubelet.service", docker),
        Self("/ecs/\(taskID)/\(containerID)", "container ecs-4f6e2b1c9a7d"),
        Self("/ecs/\(podUUID)/\(containerID)", "container ecs-4f6e2b1c9a7d"),
    ]

    private static let podman = "container podman-4f6e2b1c9a7d"

    static let podmans = [
        Self("/machine.slice/libpod-\(containerID).scope", podman),
        Self("/machine.slice/libpod-\(containerID).scope/container", podman),
        Self("/machine.slice/libpod-conmon-\(containerID).scope", podman),
        Self("\(userService)/user.slice/libpod-\(containerID).scope/container", podman),
        Self("\(userService)/user.slice/libpod-conmon-\(containerID).scope", podman),
        Self("/libpod_parent/libpod-\(containerID)", podman),
        Self("/libpod_parent/libpod-\(containerID)/ctr", podman),
        Self("/libpod_parent/conmon/\(containerID)", podman),
        Self(
            "/machine.slice/machine-libpod_pod_\(otherContainerID).slice"
                + "/libpod-\(containerID).scope", podman),
        // A service whose unit is a container (Quadlet), which splits its own cgroup.
        Self("/system.slice/web.service/libpod-payload-\(containerID)", podman),
        Self("/system.slice/web.service/runtime", "service web.service"),
    ]

    private static let containerd = "container containerd-4f6e2b1c9a7d"
    private static let crio = "container crio-4f6e2b1c9a7d"
    private static let plain = "container kubepods-4f6e2b1c9a7d"

    static let kubernetes = [
        Self("/default/\(containerID)", containerd),
        Self("/k8s.io/\(containerID)", containerd),
        Self("/system.slice/nerdctl-\(containerID).scope", containerd),
        Self("\(userService)/user.slice/nerdctl-\(containerID).scope", containerd),
        Self(
            "/system.slice/containerd.service/\(podSlice):cri-containerd:\(containerID)", containerd
        ),
        Self(
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-\(podSlice)"
                + "/cri-containerd-\(containerID).scope", containerd),
        Self(
            "/kubepods.slice/kubepods-\(podSlice)/cri-containerd-\(containerID).scope", containerd),
        Self(
            "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-\(podSlice)"
                + "/docker-\(containerID).scope", docker),
        Self(
            "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-\(podSlice)"
                + "/crio-\(containerID).scope/container", crio),
        Self(
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-\(podSlice)"
                + "/crio-conmon-\(containerID).scope", crio),
        Self("/system.slice/crio-conmon-\(containerID).scope", crio),
        Self("/kubepods/besteffort/pod\(podUUID)/crio-\(containerID)", crio),
        Self("/kubepods/besteffort/pod\(podUUID)/\(containerID)", plain),
        Self("/kubepods/burstable/pod\(podUUID)/\(containerID)", plain),
        Self("/kubepods/pod\(podUUID)/\(containerID)/sub/cgroup", plain),
        Self("/kubepods.slice/kubepods-\(podSlice)", nil),
        Self("/kubepods/burstable/pod\(podUUID)", nil),
    ]

    static let systemContainers = [
        Self("/lxc/web", "container lxc-web"),
        Self("/lxc/101/ns/init.scope", "container lxc-101"),
        Self("/lxc/101/ns/system.slice/nginx.service", "container lxc-101"),
        Self("/lxc.payload/web/system.slice/nginx.service", "container lxc-web"),
        Self("/lxc.monitor/web", "container lxc-web"),
        Self("/lxc.payload.web/system.slice/nginx.service", "container lxc-web"),
        Self("/lxc.payload.my-project_web", "container lxc-my-project_web"),
        Self("/lxc.monitor.web", "container lxc-web"),
        Self("/lxc.payload.web/system.slice/docker-\(containerID).scope", docker),
        Self("/user.slice/user-1000.slice/session-3.scope/lxc/web", "container lxc-web"),
        Self("/machine.slice/systemd-nspawn@web.service", "container nspawn-web"),
        Self(
            "/machine.slice/systemd-nspawn@my\\x2dweb.service/payload/system.slice/nginx.service",
            "container nspawn-my-web"),
        Self("/machine.slice/systemd-nspawn@web.service/supervisor", "container nspawn-web"),
        Self("/machine.slice/systemd-nspawn@.service", "service systemd-nspawn@.service"),
        Self("/machine.slice/machine-web.scope/payload/init.scope", "container machine-web"),
        Self(
            "/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt/emulator",
            "container machine-qemu-1-vm"),
    ]
}
