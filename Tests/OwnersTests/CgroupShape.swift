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
        Self("/system.slice/dev-disk\\x2dby.service", "service dev-disk\\x2dby.service"),
        Self("/system.slice/_memory.service", "service memory.service"),
        Self("/system.slice/__own.service", "service _own.service"),
        Self("/system.slice/_.hidden.service", "service .hidden.service"),
        Self("/system.slice/foo.service/workers/3", "service foo.service"),
        Self("/system.slice/outer.service/inner.service", "service outer.service"),
        Self("/azure.slice/walinuxagent.service", "service walinuxagent.service"),
        Self("/runtime.slice/containerd.service", "service containerd.service"),
        Self("/system.slice/snap.lxd.daemon.service", "service snap.lxd.daemon.service"),
        Self("\(userService)/app.slice/syncthing.service", "user_service 1000/syncthing.service"),
        Self("\(userService)/app.slice/web@1.service", "user_service 1000/web@1.service"),
        Self("\(userService)/session.slice/dbus.service", "user_service 1000/dbus.service"),
        Self("\(userService)/dbus.socket", "user_service 1000/dbus.service"),
        Self("/system.slice/sshd.socket", "service sshd.service"),
        Self("/user.slice/user-1000.slice/user@1000.service", "service user@1000.service"),
        Self("/system.slice/escape\\x2.service", "service escape\\x2.service"),
        Self("/system.slice/escape\\x+f.service", "service escape\\x+f.service"),
        Self("/system.slice/escape\\x2D\\x41.service", "service escape\\x2D\\x41.service"),
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
        Self("/system.slice/mnt-backup.mount", nil),
        Self("\(userService)/app.slice", nil),
        Self("/system.slice/run-x.scope/nginx.service", nil),
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
        Self("/ecs/\(taskID)/\(taskID)-1234567890", "container ecs-07a3e1b2c4d5-1234567890"),
        Self("/ecs/\(taskID)/\(taskID)-123456789", "container ecs-07a3e1b2c4d5-123456789"),
        Self("/../\(taskID)-123456789", "container ecs-07a3e1b2c4d5-123456789"),
        Self("/ecs/\(taskID)/\(taskID)-12345678", nil),
        Self("/../\(containerID)", "container container-4f6e2b1c9a7d"),
        Self("/../../docker/\(containerID)", docker),
        Self("/../../docker-\(containerID).scope/init", docker),
    ]

    private static let podman = "container podman-4f6e2b1c9a7d"

    static let podmans = [
        Self("/machine.slice/libpod-\(containerID).scope", podman),
        Self("/machine.slice/libpod-\(containerID).scope/container", podman),
        Self("/machine.slice/libpod-conmon-\(containerID).scope", podman),
        Self("/libpod_parent/libpod-\(containerID)", podman),
        Self("/libpod_parent/libpod-\(containerID)/ctr", podman),
        Self("/libpod_parent/conmon/\(containerID)", podman),
        Self(
            "/machine.slice/machine-libpod_pod_\(otherContainerID).slice"
                + "/libpod-\(containerID).scope", podman),
        // A service whose unit is a container (Quadlet), which splits its own cgroup.
        Self("/system.slice/web.service/libpod-payload-\(containerID)", "service web.service"),
        Self(
            "/system.slice/web.service/libpod-payload-\(containerID)/system.slice/nginx.service",
            "service web.service"),
        Self("/system.slice/run-u42.service/libpod-payload-\(containerID)", podman),
        Self("/system.slice/web.service/runtime", "service web.service"),
    ]

    private static let containerd = "container containerd-4f6e2b1c9a7d"
    private static let crio = "container crio-4f6e2b1c9a7d"
    private static let plain = "container kubepods-4f6e2b1c9a7d"

    static let kubernetes = [
        Self("/default/\(containerID)", containerd),
        Self("/k8s.io/\(containerID)", containerd),
        Self("/system.slice/nerdctl-\(containerID).scope", containerd),
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
            "/machine.slice/machine-web.scope/payload/docker/\(containerID)",
            "container machine-web"),
        Self("/system.slice/web.service/payload/system.slice/nginx.service", "service web.service"),
        Self(
            "/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt/emulator",
            "container machine-qemu-1-vm"),
    ]

    /// A user can name what is below his own manager as he likes.
    static let users = [
        Self("\(userService)/nginx.service", "user_service 1000/nginx.service"),
        Self("\(userService)/user@0.service/sshd.service", "user_service 1000/user@0.service"),
        Self(
            "\(userService)/docker-\(containerID).scope",
            "user_container 1000/docker-4f6e2b1c9a7d"),
        Self(
            "\(userService)/user.slice/nerdctl-\(containerID).scope",
            "user_container 1000/containerd-4f6e2b1c9a7d"),
        Self(
            "\(userService)/user.slice/libpod-\(containerID).scope/container",
            "user_container 1000/podman-4f6e2b1c9a7d"),
        Self(
            "\(userService)/user.slice/libpod-conmon-\(containerID).scope",
            "user_container 1000/podman-4f6e2b1c9a7d"),
        Self(
            "\(userService)/app.slice/web.service/libpod-payload-\(containerID)",
            "user_service 1000/web.service"),
        Self("\(userService)/systemd-nspawn@web.service", "user_container 1000/nspawn-web"),
        Self("/system.slice/ci.service/user@0.service/sshd.service", "service ci.service"),
        Self("/system.slice/ci.service/docker-\(containerID).scope", "service ci.service"),
        Self(
            "/docker/\(containerID)\(userService)/user.slice/libpod-\(otherContainerID).scope",
            docker),
    ]

    /// Names of which a program made up a part.
    static let generated = [
        Self("/s/sshd@7-10.0.0.1:22-10.0.0.9:51234.service", "service sshd@.service"),
        Self("/s/sshd@7-::1:22-2001:db8::9:51234.service", "service sshd@.service"),
        Self("/s/vsock@1-2:22-4294967295:1023.service", "service vsock@.service"),
        Self("/s/systemd-coredump@3-1234-0.service", "service systemd-coredump@.service"),
        Self("/s/x@3-1234_98765-1000.service", "service x@.service"),
        Self("/s/x@3-1234-0.service/worker", "service x@.service"),
        Self("/s/x@3-1234.service", "service x@3-1234.service"),
        Self("/s/x@a-1234-0.service", "service x@a-1234-0.service"),
        Self("/s/x@3-host:22-host:23.service", "service x@3-host:22-host:23.service"),
        Self("/s/run-u42.service", nil),
        Self("/s/run-r0123456789abcdef0123456789abcdef.service", nil),
        Self("/s/run-p4242-i17.service", nil),
        Self("/s/run-4242.service", nil),
        Self("/s/run-u42.scope", nil),
        Self("/s/run-report.service", "service run-report.service"),
        Self("/s/run-u.service", "service run-u.service"),
        Self("/s/\(containerID)-5f0c.service", nil),
        Self("\(userService)/run-u12.service", nil),
        Self(
            "\(userService)/app.slice/app-org.kde.konsole@\(taskID).service",
            "user_service 1000/app-org.kde.konsole@.service"),
        Self(
            "\(userService)/app.slice/app-firefox@autostart.service",
            "user_service 1000/app-firefox@autostart.service"),
        Self("/s/app-web@blue.service", "service app-web@blue.service"),
        Self("/s/app-web@\(taskID).service", "service app-web@.service"),
        Self("/s/dbus-:1.38-org.example.Name@0.service", "service dbus-org.example.Name@.service"),
    ]
}
