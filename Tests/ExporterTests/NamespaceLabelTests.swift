import Exporter
import HostFakes
import Owners
import Procfs
import Synchronization
import TableFakes
import TestSupport
import Testing

@testable import TCPModel

/// What network namespaces are called, and that those of one label are one.
struct NamespaceLabelTests {
    private let host: FakeHost
    private let namespaces = MadeUpNamespaces.Script()
    private let stage: Stage

    init() throws {
        let host = try FakeHost()
        self.host = host
        let namespaces = namespaces
        stage = try Stage(containerNaming: ShopNames(), host: host) { options in
            options.networkNamespaces = .all
            options.host = MadeUpNamespaces(procfs: host.procfs, namespaces)
        }
        namespaces.table = stage.script
    }

    /// A process of a container whose ID is 64 times the digit.
    private func add(_ pid: Int32, _ digit: Character, sockets: [UInt32] = []) throws {
        try host.add(
            pid, executable: "/app", cgroup: Self.cgroup(digit), sockets: sockets)
    }

    private static func cgroup(_ digit: Character) -> String {
        "/system.slice/docker-\(String(repeating: digit, count: 64)).scope"
    }

    /// Established connections by the label `netns`, without those of the exporter's own namespace.
    private func connections() throws -> [String: Double] {
        let text = try stage.scrape([])
        return text.samples("tcptable_connections")
            .filter { $0["state"] == "established" && $0["family"] == "ipv4" && $0["netns"] != "" }
            .reduce(into: [:]) { $0[$1["netns"]] = $1.value }
    }

    private func rows(_ inodes: ClosedRange<UInt32>) -> [TCPConnection] {
        inodes.map { .row(.established, inode: $0) }
    }

    @Test func aNameOfIPNetnsComesFirstAndTheInodeLast() throws {
        try add(10, "1")
        try host.add(11, executable: "/bin/sh", cgroup: "/system.slice/cron.service")
        namespaces.add(1, name: "blue", processes: [10], rows(100...100))
        namespaces.add(2, processes: [10], rows(101...102))
        namespaces.add(3, processes: [11], rows(103...105))
        namespaces.add(4, processes: [], rows(106...109))
        #expect(try connections() == ["blue": 1, "docker-web": 2, "3": 3, "4": 4])
    }

    @Test func theEarliestProcessDecidesWhateverItsNumber() throws {
        try add(10, "2")
        try host.put(11, FakeHost.Process(start: 5, cgroups: [":" + Self.cgroup("1")]))
        namespaces.add(1, processes: [10, 11], rows(100...100))
        #expect(try connections() == ["docker-web": 1])
    }

    @Test func aContainerWithoutANameIsItsID() throws {
        try add(10, "9")
        namespaces.add(1, processes: [10], rows(100...100))
        #expect(try connections() == ["docker-999999999999": 1])
    }

    /// A pod's containers share its network, whichever of them began.
    @Test func aPodsNetworkIsCalledByThePod() throws {
        try add(10, "3")
        try add(11, "4")
        namespaces.add(1, processes: [10], rows(100...100))
        namespaces.add(2, processes: [11], rows(101...101))
        #expect(try connections() == ["k8s-shop/api-1": 2])
    }

    @Test func aUsersContainerHasTheUserBeforeItsName() throws {
        let manager = "/user.slice/user-1000.slice/user@1000.service/user.slice"
        let id = String(repeating: "1", count: 64)
        try host.add(10, executable: "/app", cgroup: "\(manager)/libpod-\(id).scope")
        namespaces.add(1, processes: [10], rows(100...100))
        #expect(try connections() == ["1000/docker-web": 1])
    }

    /// The runtime makes the namespace first.
    @Test func aProcessThatComesIntoItsContainerLaterIsSeenThere() throws {
        try host.add(10, executable: "/runc", cgroup: "/system.slice/docker.service")
        namespaces.add(1, processes: [10], rows(100...100))
        #expect(try connections() == ["1": 1])
        try add(10, "1")
        #expect(try connections() == ["docker-web": 1])
    }

    @Test func anotherContainersNamespaceWithTheSameInodeIsTheOthers() throws {
        try add(10, "1")
        namespaces.add(1, processes: [10], rows(100...100))
        #expect(try connections() == ["docker-web": 1])
        try host.end(10)
        try add(11, "2")
        namespaces.removeAll()
        namespaces.add(1, processes: [11], rows(101...102))
        #expect(try connections() == ["docker-db": 2])
    }

    @Test func aProcessWithTheSameNumberIsAnother() throws {
        try add(10, "1")
        namespaces.add(1, processes: [10], rows(100...100))
        #expect(try connections() == ["docker-web": 1])
        try host.put(10, FakeHost.Process(start: 9000, cgroups: [":" + Self.cgroup("2")]))
        #expect(try connections() == ["docker-db": 1])
    }

    // MARK: - Addition

    /// Both replicas have listeners, queues, peers, closed sockets and kernel TLS.
    private func addReplicas() throws {
        for (inode, pid) in [(UInt64(1), Int32(10)), (2, 11)] {
            let first = UInt32(inode) * 100
            let sockets = Array(first..<(first + 4))
            try add(pid, pid == 10 ? "5" : "6", sockets: sockets)
            namespaces.add(
                inode, processes: [pid],
                [
                    .row(.listen, port: 80, inode: first),
                    .row(.established, port: 80, inode: first + 1).to("192.0.2.1", 50_000),
                    .row(.closeWait, port: 40_000, inode: first + 2).to("192.0.2.9", 443),
                    .row(.established, port: 40_001, inode: first + 3).to("192.0.2.9", 443),
                    .row(.timeWait, port: 40_002).to("192.0.2.9", 443),
                ])
        }
    }

    @Test func everyFamilyOfNamespacesWithOneLabelIsOneSeriesByAddition() throws {
        try addReplicas()
        let text = try stage.scrape([])
        let label = "docker-shop/api"
        func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
            text.value(name, labels.merging(["netns": label]) { $1 })
        }
        #expect(value("tcptable_connections", ["family": "ipv4", "state": "established"]) == 4)
        #expect(
            value(
                "tcptable_module_connections",
                ["module": label, "kind": "container", "state": "close_wait"]) == 2)
        #expect(
            value(
                "tcptable_unattributed_connections",
                ["reason": "not_found", "state": "time_wait"]) == 2)
        #expect(
            value("tcptable_offload_connections", ["family": "ipv4", "offload_state": "in_host"])
                == 10)
        let listener = [
            "module": label, "kind": "container", "family": "ipv4", "address": "127.0.0.1",
            "port": "80",
        ]
        #expect(value("tcptable_listener_sockets", listener) == 2)
        #expect(
            value(
                "tcptable_listener_connections",
                listener.merging(["state": "established"]) { $1 }) == 2)
        #expect(Set(text.samples("tcptable_connections").map { $0["netns"] }) == ["", label])
    }

    /// The sum over both would hide that one has hardly any left.
    @Test func portsAreThoseOfTheNamespaceThatIsNearestToRunningOut() throws {
        try add(10, "5")
        try add(11, "6")
        namespaces.add(
            1, processes: [10], [.row(.timeWait, port: 40_000).to("192.0.2.9", 443)])
        namespaces.add(
            2, processes: [11],
            (0..<7).map { .row(.timeWait, port: 40_000 + $0).to("192.0.2.9", 443) })
        let text = try stage.scrape([])
        let label = ["netns": "docker-shop/api"]
        let ipv4 = label.merging(["family": "ipv4"]) { $1 }
        #expect(text.value("tcptable_ephemeral_ports", label) == 28_232)
        #expect(text.value("tcptable_ephemeral_ports_used", ipv4) == 7)
        #expect(text.value("tcptable_ephemeral_ports_busiest_destination", ipv4) == 7)
    }

    @Test func aContainerThatIsMadeAnewHasTheSameSeries() throws {
        try addReplicas()
        let before = try stage.scrape([])
        try host.end(11)
        try add(12, "7", sockets: [500, 501])
        namespaces.remove(2)
        namespaces.add(
            9, processes: [12],
            [.row(.listen, port: 80, inode: 500), .row(.closeWait, port: 40_000, inode: 501)])
        let after = try stage.scrape([])
        #expect(after.series == before.series)
        #expect(
            after.value(
                "tcptable_connections",
                ["netns": "docker-shop/api", "family": "ipv4", "state": "established"]) == 2)
    }

    /// A counter that fell would count as one that began anew.
    @Test func dropsDoNotFallWhenANamespaceOfALabelIsGone() throws {
        for (inode, pid) in [(UInt64(1), Int32(10)), (2, 11)] {
            let socket = UInt32(inode)
            try add(pid, pid == 10 ? "5" : "6", sockets: [socket])
            namespaces.add(
                inode, processes: [pid], [.row(.listen, port: 80, inode: socket, cookie: inode)])
        }
        stage.script.next.droppedCounts = [1: 1000, 2: 10]
        try host.set(listenDropCount: 1000)
        func dropped() throws -> Double? {
            try stage.scrape([]).samples("tcptable_listener_dropped_connections_total")
                .first { $0["netns"] == "docker-shop/api" }?.value
        }
        #expect(try dropped() == 1010)
        namespaces.remove(1)
        try host.end(10)
        #expect(try dropped() == 1010)
    }

    @Test func kernelTLSCountersAreAddedAndDoNotFall() throws {
        try add(10, "5")
        try add(11, "6")
        namespaces.add(1, processes: [10], [])
        namespaces.add(2, processes: [11], [])
        func sessions(_ count: Int) throws -> Double? {
            try host.set(tlsStatistics: "TlsTxSw \(count)\n")
            return try stage.scrape([]).value(
                "tcptable_tls_sessions_total",
                ["netns": "docker-shop/api", "direction": "transmit", "mode": "software"])
        }
        #expect(try sessions(7) == 14)
        #expect(try sessions(8) == 16)
        namespaces.remove(2)
        #expect(try sessions(8) == 16)
        #expect(try sessions(3) == 19)
    }
}

/// Names by the digit that IDs consist of: web and db, two containers of a pod, and replicas.
private struct ShopNames: ContainerNaming {
    var results: ContainerNameResults { ContainerNameResults() }
    let problems: [String] = []

    func names(of containers: [ContainerFacts]) -> [ModuleIdentity: ContainerName] {
        containers.reduce(into: [:]) { names, container in
            names[container.module] = Self.name(container.container.id.first ?? 0)
        }
    }

    private static func name(_ digit: UInt8) -> ContainerName? {
        func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
        switch Character(UnicodeScalar(digit)) {
        case "1": return .runtime(.docker, bytes("web"))
        case "2": return .runtime(.docker, bytes("db"))
        case "3", "4":
            return .kubernetes(
                KubernetesName(
                    namespace: bytes("shop"), pod: bytes("api-1"),
                    container: digit == UInt8(ascii: "3") ? nil : bytes("api")))
        case "5", "6", "7": return .runtime(.docker, bytes("shop/api"))
        default: return nil
        }
    }
}

/// A host with other network namespaces, each with a table that the test writes.
private struct MadeUpNamespaces: HostInformation {
    final class Script: Sendable {
        private let state = Mutex([UInt64: (namespace: NetworkNamespace, rows: [TCPConnection])]())
        /// The table whose rows are those of the entered namespace.
        private let entered = Mutex<ScriptedTable.Script?>(nil)

        var table: ScriptedTable.Script? {
            get { entered.withLock { $0 } }
            set { entered.withLock { $0 = newValue } }
        }

        func add(
            _ inode: UInt64, name: String? = nil, processes: [Int32], _ rows: [TCPConnection]
        ) {
            let namespace = NetworkNamespace(
                inode: inode, name: name, path: "/none",
                processes: processes.map(ProcessID.init(rawValue:)))
            state.withLock { $0[inode] = (namespace, rows) }
        }

        func remove(_ inode: UInt64) { state.withLock { $0[inode] = nil } }
        func removeAll() { state.withLock { $0 = [:] } }

        var namespaces: [NetworkNamespace] { state.withLock { $0.values.map(\.namespace) } }

        func rows(_ inode: UInt64) -> [TCPConnection] { state.withLock { $0[inode]?.rows ?? [] } }
    }

    let procfs: ProcFS
    let script: Script

    init(procfs: ProcFS, _ script: Script) {
        self.procfs = procfs
        self.script = script
    }

    func networkNamespaces() throws(FileError) -> NetworkNamespaces {
        NetworkNamespaces(others: script.namespaces, deniedProcessCount: 0)
    }

    func enter(_ namespace: NetworkNamespace, _ body: () -> Void) throws(FileError) {
        let own = script.table?.next.rows ?? []
        script.table?.next.rows = script.rows(namespace.inode)
        body()
        script.table?.next.rows = own
    }

    // MARK: - All the rest is the host's

    var root: String { procfs.root }
    var kernelRelease: KernelRelease? { procfs.kernelRelease }
    var networkNamespaceInode: UInt64? { procfs.networkNamespaceInode }
    var ownDescriptorCount: Int? { procfs.ownDescriptorCount }
    var bootTimeSeconds: UInt64? { procfs.bootTimeSeconds }
    var ownStatistics: ProcessStatistics {
        get throws(FileError) { try procfs.ownStatistics }
    }

    func kernelTLSStatistics() throws(FileError) -> KernelTLSStatistics {
        try procfs.kernelTLSStatistics()
    }
    func ephemeralPorts() throws(FileError) -> PortSet { try procfs.ephemeralPorts() }
    func listenDropCount() throws(FileError) -> UInt64 { try procfs.listenDropCount() }
    func interfaceName(_ index: UInt32) -> [UInt8]? { procfs.interfaceName(index) }
    func statistics(of process: ProcessID) throws(FileError) -> ProcessStatistics {
        try procfs.statistics(of: process)
    }
    func cgroups(of process: ProcessID) throws(FileError) -> [CgroupMembership] {
        try procfs.cgroups(of: process)
    }
    func executablePath(of process: ProcessID) throws(FileError) -> [UInt8] {
        try procfs.executablePath(of: process)
    }
}
