import Foundation
import HostFakes
import Testing

@testable import TCPModel

/// containerd's bundles.
struct ContainerdTests {
    private let containers: MadeUpContainers

    init() throws { containers = try MadeUpContainers() }

    @Test func aPodsContainerHasKubernetesNames() throws {
        try containers.putBundle(
            """
            {"annotations": {"io.kubernetes.cri.sandbox-namespace": "shop",
             "io.kubernetes.cri.sandbox-name": "api-5d9", "io.kubernetes.cri.container-name": "api"}}
            """, namespace: "k8s.io")
        #expect(containers.name(.containerd) == "k8s-shop/api-5d9/api")
        #expect(containers.name(.kubepods) == "k8s-shop/api-5d9/api")
    }

    @Test func aPodsSandboxIsThePod() throws {
        try containers.putBundle(
            """
            {"annotations": {"io.kubernetes.cri.sandbox-namespace": "shop",
             "io.kubernetes.cri.sandbox-name": "api-5d9"}}
            """)
        #expect(containers.name(.containerd) == "k8s-shop/api-5d9")
    }

    @Test func nerdctlsNameCounts() throws {
        try containers.putBundle(#"{"annotations": {"nerdctl/name": "web"}}"#)
        #expect(containers.name(.containerd) == "containerd-web")
    }

    @Test func aBundleWithoutANameNamesNothing() throws {
        try containers.putBundle("{}")
        #expect(containers.name(.containerd) == nil)
        #expect(containers.results == ["not_found": 1])
    }

    @Test(arguments: ["Shop", "a_b", "a/b", "", "a b"])
    func aNameThatKubernetesDoesNotGiveIsNone(_ namespace: String) throws {
        try containers.putBundle(
            """
            {"annotations": {"io.kubernetes.cri.sandbox-namespace": "\(namespace)",
             "io.kubernetes.cri.sandbox-name": "api"}}
            """)
        #expect(containers.name(.containerd) == nil)
        #expect(containers.results == ["invalid": 1])
    }
}

/// Names of the kubelet's log files, for whatever runtime.
struct PodLogTests {
    private let containers: MadeUpContainers
    private let id = MadeUpContainers.id()

    init() throws { containers = try MadeUpContainers() }

    @Test(arguments: [
        ContainerRuntime.docker, .containerd, .crio, .kubepods, .unknown,
    ])
    func aLogNamesAContainer(_ runtime: ContainerRuntime) throws {
        try containers.tree.link("log/containers/api-5d9_shop_my-api-\(id).log", to: "/nonexistent")
        #expect(containers.name(runtime) == "k8s-shop/api-5d9/my-api")
    }

    @Test(arguments: [
        (64, true), (40, true), (12, true), (11, false),
    ])
    func aCutIDIsEnoughFromTwelveDigitsOn(_ digitCount: Int, _ isEnough: Bool) throws {
        try containers.tree.write("log/containers/p_n_c-\(id.prefix(digitCount)).log", "")
        #expect(containers.name(.containerd) == (isEnough ? "k8s-n/p/c" : nil))
    }

    @Test func twoLogsThatDisagreeNameNothing() throws {
        try containers.tree.write("log/containers/p_n_c-\(id).log", "")
        try containers.tree.write("log/containers/p_n_d-\(id.prefix(20)).log", "")
        #expect(containers.name(.containerd) == nil)
    }

    @Test(arguments: [
        "p_n_c-ID", "p_n-ID.log", "p_n_c_d-ID.log", "P_n_c-ID.log", "p_n_-ID.log", "p_n_cID.log",
        "_n_c-ID.log", "p_n_c-IDx.log",
    ])
    func anyOtherNameIsNoLogs(_ name: String) throws {
        let name = name.replacingOccurrences(of: "ID", with: id)
        try containers.tree.write("log/containers/\(name)", "")
        #expect(containers.name(.containerd) == nil)
    }

    @Test(arguments: [
        "/kubepods/besteffort/pod12-34/ID",
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod12_34.slice/crio-ID.scope",
        "/kubepods.slice/kubepods-pod12_34.slice/cri-containerd-ID.scope",
    ])
    func aContainerWithoutALogIsItsPod(_ path: String) throws {
        try containers.tree.makeDirectory("log/pods/shop_api-5d9_12-34/api")
        try containers.host.add(
            50, executable: "/pause", cgroup: path.replacingOccurrences(of: "ID", with: id))
        for runtime in [ContainerRuntime.containerd, .crio, .kubepods] {
            #expect(containers.name(runtime, process: 50) == "k8s-shop/api-5d9")
        }
        #expect(containers.name(.kubepods, 1) == nil)
    }
}

/// The monitor that each container of Podman and CRI-O has.
struct ConmonTests {
    private let containers: MadeUpContainers
    private let id = MadeUpContainers.id()

    init() throws { containers = try MadeUpContainers() }

    private func put(
        _ pid: Int32, parent: Int32, command: String, arguments: [String] = [], user: UInt32 = 0
    ) throws {
        try containers.host.put(
            pid, FakeHost.Process(parent: parent, command: command, executable: "/bin/any"))
        try containers.host.set(arguments: arguments, user: user, of: pid)
    }

    private func putConmon(
        _ pid: Int32, parent: Int32 = 1, id: String? = nil, name: String = "web", user: UInt32 = 0
    ) throws {
        try put(
            pid, parent: parent, command: "conmon",
            arguments: ["/usr/bin/conmon", "-c", id ?? self.id, "-u", "x", "-n", name, "-s"],
            user: user)
    }

    @Test func anAncestorNamesTheContainer() throws {
        try putConmon(40)
        try put(50, parent: 40, command: "nginx")
        try put(51, parent: 50, command: "nginx")
        for process in [Int32(50), 51] {
            #expect(containers.name(.podman, process: process) == "podman-web")
        }
        #expect(containers.name(.podman) == "podman-web")  // It was found already.
    }

    @Test func aConmonOfAnotherContainerIsNone() throws {
        try putConmon(40, id: MadeUpContainers.id(7))
        try put(50, parent: 40, command: "nginx")
        #expect(containers.name(.podman, process: 50) == nil)
        #expect(containers.results == ["not_found": 1])
    }

    /// What runs in a container can call itself anything, and start what it likes.
    @Test func aConmonInsideTheContainerIsNotBelieved() throws {
        try putConmon(40, name: "web")
        try put(50, parent: 40, command: "sh")
        try putConmon(51, parent: 50, name: "forged")
        try put(52, parent: 51, command: "sh")
        #expect(containers.name(.podman, process: 52) == "podman-web")
    }

    @Test func aUsersConmonNamesNoContainerOfTheSystem() throws {
        try putConmon(40, user: 1000)
        try put(50, parent: 40, command: "sh", user: 1000)
        #expect(containers.name(.podman, process: 50) == nil)
        #expect(containers.name(.podman, 0, user: "1000", process: 50) == "podman-web")
    }

    @Test func theKubeletsNamesInCRIOAreKubernetes() throws {
        try putConmon(40, name: "k8s_api_api-5d9_shop_12-34_0")
        try put(50, parent: 40, command: "sh")
        #expect(containers.name(.crio, process: 50) == "k8s-shop/api-5d9/api")
        #expect(containers.name(.podman, process: 50) == "podman-k8s_api_api-5d9_shop_12-34_0")
        try putConmon(41, id: MadeUpContainers.id(1), name: "k8s_POD_api-5d9_shop_12-34_0")
        try put(53, parent: 41, command: "pause")
        #expect(containers.name(.crio, 1, process: 53) == "k8s-shop/api-5d9")
    }

    @Test func parentsInACircleComeToAnEnd() throws {
        try put(50, parent: 51, command: "a")
        try put(51, parent: 50, command: "b")
        #expect(containers.name(.podman, process: 50) == nil)
    }

    /// The cgroup of another's container, made by a user: only an ancestor counts, and no file.
    @Test func aForgedCgroupOfAUserHasNoName() throws {
        try containers.putDocker(#"{"Name": "/web"}"#)
        try containers.tree.write("log/containers/p_n_c-\(id).log", "")
        #expect(containers.name(.docker, user: "1000") == nil)
        #expect(containers.name(.docker) == "k8s-n/p/c")
    }
}
