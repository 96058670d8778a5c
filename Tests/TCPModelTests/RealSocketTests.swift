import SystemPackage
import TableFakes
import TestSupport
import Testing

@testable import Procfs
@testable import SockDiag
@testable import TCPModel

/// The table of a network namespace in which nothing happens but what a scenario did.
@Suite(.requires(.networkNamespaces))
struct RealSocketTests {
    @Test(arguments: SocketScenario.allCases, SocketFamily.allCases)
    func theTableIsTheScenariosRows(_ scenario: SocketScenario, _ family: SocketFamily) throws {
        try inNewNetworkNamespace {
            let held = try HeldSockets(scenario, family)
            defer { held.close() }
            let expected = kernelListsBoundSockets ? held.rows : held.rows.without(.close)
            for connections in try [connections(), connections(refusingTheOneWalk)] {
                #expect(counted(connections) == expected)
                #expect(connections.allSatisfy { $0.offloadState == .inHost })
            }
        }
    }

    /// `ss` of iproute2 6.1 does not ask for bound and unconnected sockets; its option for them is
    /// newer. They are left out here, and compared with `bare_dump` elsewhere.
    @Test(.requires(.ss), arguments: SocketScenario.allCases, SocketFamily.allCases)
    func eachRowIsTheOneOfSS(_ scenario: SocketScenario, _ family: SocketFamily) throws {
        try inNewNetworkNamespace {
            let held = try HeldSockets(scenario, family)
            defer { held.close() }
            let shown = try SSRow.all()
            for connections in try [connections(), connections(refusingTheOneWalk)] {
                let rows = connections.filter { $0.state != .close }.map(SSRow.init)
                #expect(rows.sorted() == shown)
            }
        }
    }

    @Test(arguments: SocketScenario.allCases.filter(isListed), SocketFamily.allCases)
    func theSubjectsRowHasItsPortsAndItsInode(
        _ scenario: SocketScenario, _ family: SocketFamily
    ) throws {
        try inNewNetworkNamespace {
            let held = try HeldSockets(scenario, family)
            defer { held.close() }
            let row = try #require(
                connections().first {
                    $0.localPort == held.localPort && $0.remotePort == held.remotePort
                })
            let number = try held.subject.map { try inode(of: $0) }
            #expect(row.inode?.rawValue == number.map { UInt32($0) })
            #expect(row.cookie != 0)
            let isIPv4 = family == .ipv4 || scenario == .dualStack
            let address = row.localAddress.unmapped ?? row.localAddress
            #expect(address == IPAddress(isIPv4 ? "127.0.0.1" : "::1"))
        }
    }

    @Test func aDualStackSocketsIPv4ConnectionIsIPv6() throws {
        try inNewNetworkNamespace {
            let held = try HeldSockets(.dualStack, .ipv4)
            defer { held.close() }
            let peer = try #require(connections().first { $0.family == .ipv6 })
            #expect(peer.localAddress.description == "::ffff:127.0.0.1")
            #expect(peer.localAddress.unmapped == IPAddress("127.0.0.1"))
        }
    }

    @Test func aListenersQueuesAreItsBacklog() throws {
        try inNewNetworkNamespace {
            let held = try HeldSockets(.notAccepted, .ipv6)
            defer { held.close() }
            let listener = try #require(connections().first { $0.state == .listen })
            #expect(listener.receiveQueue == 1)
            #expect(listener.sendQueue == 16)
        }
    }

    @Test func theTableIsThatOfTheCallingThreadsNamespace() throws {
        var table = SockDiagSource(ProcFS())
        let held = try inNewNetworkNamespace { try HeldSockets(.listen, .ipv4) }
        defer { held.close() }
        let number = try inode(of: #require(held.subject))
        let inodes = try table.rows().rows.compactMap(\.inode?.rawValue)
        #expect(!inodes.contains(UInt32(number)))
        let elsewhere = try inNewNetworkNamespace { try connections() }
        #expect(elsewhere.isEmpty)
    }
}

/// Bound sockets are listed by newer kernels only.
private func isListed(_ scenario: SocketScenario) -> Bool {
    scenario != .bound || kernelListsBoundSockets
}

/// The calling thread's table, in one reading.
private func connections(
    _ transport: @escaping () throws(ConnectionSourceError) -> NetlinkTransport = NetlinkTransport
        .kernel
) throws -> [TCPConnection] {
    var table = SockDiagSource(ProcFS(), dump: TCPSocketDump(openTransport: transport))
    return try table.rows().rows
}

/// A kernel socket on which the request for both families is refused.
private func refusingTheOneWalk() throws(ConnectionSourceError) -> NetlinkTransport {
    let kernel = try NetlinkTransport.kernel()
    return NetlinkTransport(
        portID: kernel.portID,
        send: { (request) throws(ConnectionSourceError) in
            // nlmsg_type: TCPDIAG_GETSOCK
            if request[4] == 18 { throw .refused(.invalidArgument) }
            try kernel.send(request)
        },
        receive: kernel.receive)
}

private func counted(_ connections: [TCPConnection]) -> TableRows {
    var rows = TableRows()
    for connection in connections {
        guard let state = SocketState(rawValue: connection.state.rawValue) else { continue }
        rows[connection.family == .ipv4 ? .ipv4 : .ipv6, state] += 1
    }
    return rows
}
