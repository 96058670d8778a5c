import Exporter
import HostFakes
import TableFakes

@testable import SockDiag
@testable import TCPModel

/// A table with something of everything that an exposition can say, and the host that it is of.
enum RichTable {
    /// The limit folds two modules.
    static func stage(
        _ collectors: Set<CollectorName> = Set(CollectorName.allCases), moduleLimit: Int = 6
    ) throws -> Stage {
        let stage = try Stage(
            collectors, moduleLimit: moduleLimit, containerNaming: OnePod(), host: host()
        ) {
            $0.peers = try PeerTable([
                Peer("database=192.0.2.0/24:5432"), Peer("everything=0.0.0.0/0"),
                Peer("cache=[2001:db8::/32]:6379"),
            ])
        }
        stage.script.next.rows = rows
        stage.script.next.droppedCounts = [1000: 4, 1004: 3]
        stage.script.next.outcome.interruptions = 2
        return stage
    }

    private static func host() throws -> FakeHost {
        let host = try FakeHost()
        let id = String(repeating: "0123456789abcdef", count: 4)
        try host.add(
            100, executable: "/usr/sbin/nginx", cgroup: "/system.slice/nginx.service",
            sockets: [1000, 1001, 1002, 1003])
        try host.add(
            101, executable: "/usr/sbin/nginx", cgroup: "/system.slice/nginx.service",
            sockets: [1000, 1004])
        try host.add(
            200, executable: "/app/server", cgroup: "/system.slice/docker-\(id).scope",
            sockets: [2000, 2001, 2002])
        try host.add(300, executable: "/usr/bin/ssh", sockets: [3000])
        try host.add(400, executable: nil, command: "no executable", sockets: [4000, 4001])
        try host.add(500, executable: "/tmp/a\"} 1\nb{\\", sockets: [5000])
        try host.add(600, executable: "/bin/small", sockets: [6000])
        try host.set(listenDropCount: 9)
        try host.add(700, executable: "/bin/smaller", sockets: [7000])
        return host
    }

    private static var rows: [TCPConnection] { listeners + connections + unowned }

    private static var listeners: [TCPConnection] {
        [
            .row(.listen, at: "::", port: 443, inode: 1000, queues: (2, 511)),
            .row(.listen, at: "::", port: 443, inode: 1004, queues: (1, 511)),
            .row(.listen, at: "0.0.0.0", port: 80, inode: 1001, queues: (0, 511)),
            .row(.listen, at: "127.0.0.1", port: 9000, inode: 2000, queues: (0, 128)),
            .row(.listen, at: "127.0.0.1", port: 111, inode: 6000, queues: (4, 64)),
            .row(.listen, at: "127.0.0.1", port: 111, inode: 7000, queues: (5, 64)),
            .row(.listen, at: "10.0.0.1", port: 2049, queues: (65, 64)).bound(to: 1),
        ]
    }

    private static var connections: [TCPConnection] {
        [
            .row(
                .established, at: "::ffff:10.0.0.1", port: 443, inode: 1002,
                tls: KernelTLS(.device, .device)),
            .row(
                .established, at: "2001:db8::1", port: 443, inode: 1003,
                queues: (0, 65_536), tls: KernelTLS(.device, .none)),
            .row(.synRecv, at: "2001:db8::1", port: 443),
            .row(.established, at: "2001:db8::1", port: 443, queues: (517, 0)),
            .row(.closeWait, port: 9000, inode: 2001, queues: (1, 0)),
            .row(.lastAck, port: 9000, inode: 2002, queues: (0, 1)),
            .row(.synSent, port: 40_000, inode: 3000).to("192.0.2.7", 5432),
            .row(.closing, port: 40_001, inode: 4000), .row(.close, port: 40_002, inode: 4001),
            .row(
                .established, port: 60_999, inode: 5000,
                tls: KernelTLS(.software, .software, version: 0x0303, cipher: 54)),
        ]
    }

    private static var unowned: [TCPConnection] {
        [
            .row(.timeWait, at: "10.0.0.1", port: 2049).bound(to: 1),
            .row(.timeWait, port: 40_000).to("192.0.2.8", 443),
            .row(.timeWait, at: "::1", port: 443),
            .row(.finWait1, port: 32_768), .row(.finWait2, port: 32_767),
            .row(.established, port: 50_000, inode: 99_999),
        ]
    }
}
