import HostFakes
import SystemPackage
import TableFakes
import TestSupport
import Testing

@testable import Exporter
@testable import TCPModel

private let peers = "tcptable_peer_connections"

/// Definitions of peers, as users write them.
struct PeerParsingTests {
    @Test(
        arguments: [
            ("db=10.0.0.0/8", "10.0.0.0", 8, nil), ("db=10.1.2.3", "10.1.2.3", 32, nil),
            ("db=10.1.2.3:5432", "10.1.2.3", 32, 5432), ("a b=0.0.0.0/0:1", "0.0.0.0", 0, 1),
            ("db=2001:db8::/32", "2001:db8::", 32, nil),
            ("db=2001:db8::1", "2001:db8::1", 128, nil),
            ("db=[2001:db8::/32]:5432", "2001:db8::", 32, 5432),
            ("db=[::1]:65535", "::1", 128, 65535),
            ("db=[::1]", "::1", 128, nil), ("db=::/0", "::", 0, nil),
            ("db=::ffff:10.0.0.0/104", "10.0.0.0", 8, nil),
            ("db=[10.0.0.1]:80", "10.0.0.1", 32, 80),
        ] as [(String, IPAddress, Int, UInt16?)])
    func aNameANetworkAndAPort(
        _ text: String, _ network: IPAddress, _ prefixLength: Int, _ port: UInt16?
    ) throws {
        let peer = try Peer(text)
        let name = String(text.prefix { $0 != "=" })
        let expected = Peer(name: name, network: network, prefixLength: prefixLength, port: port)
        #expect(peer == expected)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "'10.0.0.0/8' has no '=': use NAME=CIDR[:PORT]"),
        ("db=", "'' in 'db=' is not an IP address"),
        ("db=10.0.0", "'10.0.0' in 'db=10.0.0' is not an IP address"),
        ("db=example.com", "'example.com' in 'db=example.com' is not an IP address"),
        ("db=10.0.0.0/33", "the prefix length in 'db=10.0.0.0/33' must be between 0 and 32"),
        ("db=::/129", "the prefix length in 'db=::/129' must be between 0 and 128"),
        ("db=10.0.0.0/", "the prefix length in 'db=10.0.0.0/' must be between 0 and 32"),
        ("db=10.0.0.0/+8", "the prefix length in 'db=10.0.0.0/+8' must be between 0 and 32"),
        ("db=10.0.0.1/8", "'db=10.0.0.1/8' has address bits beyond its prefix: use 10.0.0.0/8"),
        ("db=10.0.0.1:0", "the port in 'db=10.0.0.1:0' must be between 1 and 65535"),
        ("db=10.0.0.1:65536", "the port in 'db=10.0.0.1:65536' must be between 1 and 65535"),
        ("db=10.0.0.1:", "the port in 'db=10.0.0.1:' must be between 1 and 65535"),
        ("db=[::1", "'db=[::1' has no ']'"),
        ("db=[::1]5432", "only a port may follow ']' in 'db=[::1]5432': use [CIDR]:PORT"),
        (
            "=10.0.0.1",
            "the name in '=10.0.0.1' must have 1 to 128 bytes and no control characters"
        ),
    ])
    func anythingElseIsRefusedWithTheReason(_ text: String, _ reason: String) {
        let error = #expect(throws: PeerError.self) { try Peer(text) }
        #expect(error?.description == reason)
    }

    @Test func aNameIsNoLongerThanOtherNames() throws {
        let long = String(repeating: "é", count: 64)
        #expect(try Peer("\(long)=::1").name == long)
        #expect(throws: PeerError.self) { try Peer("\(long)x=::1") }
        #expect(throws: PeerError.self) { try Peer("a\nb=::1") }
    }

    @Test func aNetworkHasOneName() throws {
        let message = "two peers have the network of 'b', 10.0.0.0/8:80"
        let error = #expect(throws: PeerError.self) {
            try PeerTable([
                Peer("a=10.0.0.0/8:80"), Peer("a=10.0.0.0/8:80"), Peer("b=10.0.0.0/8:80"),
            ])
        }
        #expect(error?.description == message)
        #expect(
            try PeerTable([Peer("a=10.0.0.0/8"), Peer("b=10.0.0.0/8:80")]).names == ["a", "b"])
    }

    @Test func aFileHasADefinitionALine() throws {
        let directory = try TemporaryDirectory()
        try directory.write("# comment\n\n db=10.0.0.0/8:5432 \r\n\tcache=::1\n", to: "peers")
        let path = "\(directory.path)/peers"
        #expect(try PeerFile.peers(path) == [Peer("db=10.0.0.0/8:5432"), Peer("cache=::1")])
        try directory.write("db=10.0.0.0/8\nwrong\n", to: "peers")
        let wrong = #expect(throws: PeerError.self) { try PeerFile.peers(path) }
        #expect(
            wrong?.description == "\(path), line 2: 'wrong' has no '=': use NAME=CIDR[:PORT]")
        let missing = #expect(throws: PeerError.self) { try PeerFile.peers(path + "x") }
        #expect(missing?.description == "cannot read \(path)x: No such file or directory")
    }
}

struct PeerTableTests {
    @Test(
        arguments: [
            ("10.1.2.3", 80, "net"), ("10.1.2.3", 5432, "net"), ("10.1.0.1", 80, "host"),
            ("10.1.0.1", 5432, "database"), ("::ffff:10.1.0.1", 5432, "database"),
            ("11.0.0.1", 80, nil),
            ("11.0.0.1", 22, "ssh"), ("2001:db8::1", 1, "six"), ("::1", 22, nil),
        ] as [(IPAddress, UInt16, String?)])
    func theLongestPrefixWinsThenAPort(
        _ address: IPAddress, _ port: UInt16, _ name: String?
    ) throws {
        let table = try PeerTable([
            Peer("net=10.0.0.0/8"), Peer("host=10.1.0.1"), Peer("database=10.1.0.1:5432"),
            Peer("ssh=0.0.0.0/0:22"), Peer("six=2001:db8::/32"),
        ])
        #expect(table.peer(address, port: port).map { table.names[$0] } == name)
    }

    /// Each definition is tried.
    @Test func aNaiveReaderFindsTheSame() throws {
        for _ in 0..<200 {
            let definitions = (0..<20).map { number in
                let length = Int.random(in: 0...32)
                let network = IPAddress(
                    [UInt8.random(in: 0...1), 0, 0, UInt8.random(in: 0...3)]
                ).prefix(length)
                return Peer(
                    name: String(number), network: network, prefixLength: length,
                    port: Bool.random() ? nil : UInt16.random(in: 1...2))
            }
            var distinct: [Peer] = []
            for peer in definitions {
                let isKnown = distinct.contains {
                    $0.network == peer.network && $0.prefixLength == peer.prefixLength
                        && $0.port == peer.port
                }
                if !isKnown { distinct.append(peer) }
            }
            let table = try PeerTable(distinct)
            let address = IPAddress([UInt8.random(in: 0...1), 0, 0, UInt8.random(in: 0...3)])
            let port = UInt16.random(in: 1...3)
            let best = distinct.filter {
                address.prefix($0.prefixLength) == $0.network && ($0.port ?? port) == port
            }.max { ($0.prefixLength, $0.port ?? 0) < ($1.prefixLength, $1.port ?? 0) }
            #expect(table.peer(address, port: port).map { table.names[$0] } == best?.name)
        }
    }
}

struct PeerCollectorTests {
    private func stage(_ collectors: Set<CollectorName> = [.peer]) throws -> Stage {
        let stage = try Stage(collectors) {
            $0.peers = try PeerTable([Peer("db=192.0.2.0/24:5432"), Peer("cache=::1")])
        }
        try stage.host.add(10, executable: "/bin/app", sockets: [100, 101])
        return stage
    }

    private func spelled(_ text: MetricsText) -> [String] {
        text.samples(peers).map {
            "\($0["module"]) \($0["peer"]) \($0["state"]) \(Int($0.value))"
        }
    }

    @Test(arguments: [[.peer], Set(CollectorName.allCases)] as [Set<CollectorName>])
    func connectionsAreCountedByOwnerPeerAndState(_ collectors: Set<CollectorName>) throws {
        let text = try stage(collectors).scrape([
            .row(.established, inode: 100).to("192.0.2.1", 5432),
            .row(.established, at: "::ffff:127.0.0.1", inode: 101)
                .to("::ffff:192.0.2.9", 5432),
            .row(.timeWait).to("192.0.2.1", 5432), .row(.synSent, at: "::1").to("::1", 6379),
            .row(.established).to("192.0.2.1", 80), .row(.listen, at: "::1", port: 5432),
        ])
        #expect(
            spelled(text) == [
                " cache syn_sent 1", " db time_wait 1", "app db established 2",
            ])
    }

    @Test func statesOnceSeenStayWhileTheModuleDoes() throws {
        let stage = try stage()
        let row = TCPConnection.row(.established, inode: 100)
        _ = try stage.scrape([row.to("192.0.2.1", 5432)])
        #expect(spelled(try stage.scrape([row])) == ["app db established 0"])
        try stage.host.end(10)
        #expect(spelled(try stage.scrape([])) == [])
    }

    @Test func withoutPeersThereIsNoSuchCollector() throws {
        let text = try Stage([.peer, .state]).scrape([])
        #expect(text[peers] == nil)
        #expect(
            text.samples("tcptable_scrape_collector_success").map { $0["collector"] } == ["state"])
    }
}
