import Foundation
package import SystemPackage

/// Real TCP sockets in a state of TCP, on loopback of the calling thread's network namespace, until
/// they are closed or the object goes away. Closing resets connections, so that nothing remains but
/// TIME_WAIT.
///
/// Several in an array want `defer { for sockets in held { sockets.close() } }`: optimized code may
/// let go of an array after its last use, and not at the end of its scope.
///
/// Needs no right; to have the table to itself, make it ``inNewNetworkNamespace(_:)``.
package final class HeldSockets {
    /// All rows that these sockets add to the table, those of peers and listeners included.
    package private(set) var rows = TableRows()

    /// The socket whose state the scenario is named after; nil where it has no descriptor.
    package private(set) var subject: FileDescriptor?

    /// The other end's socket, or the listener of what has no descriptor; nil where there is neither.
    package private(set) var peer: FileDescriptor?

    /// The ports of the subject's row, with a descriptor or without; 0 where it has none.
    package private(set) var localPort: UInt16 = 0
    package private(set) var remotePort: UInt16 = 0

    private var open: [TCPSocket] = []

    /// Makes the sockets, and returns when they are in the state.
    package init(_ scenario: SocketScenario, _ family: SocketFamily) throws {
        switch scenario {
        case .listen: try makeListen(family)
        case .synSent: try makeSynSent(family)
        case .synReceived: try makeSynReceived(family)
        case .notAccepted: try makeNotAccepted(family)
        case .established: try makeEstablished(family)
        case .dualStack: try makeDualStack(family)
        case .finWait1: try makeFinWait1(family)
        case .finWait2: try makeFinWait2(family, isSubjectServer: false)
        case .closeWait: try makeFinWait2(family, isSubjectServer: true)
        case .closing: try makeClosing(family)
        case .lastAck: try makeLastAck(family)
        case .timeWait: try makeTimeWait(family)
        case .bound: try makeBound(family)
        case .orphanedFinWait1: try makeOrphanedFinWait1(family)
        case .orphanedFinWait2: try makeOrphanedFinWait2(family)
        }
    }

    deinit { close() }

    package func close() {
        for socket in open { socket.close() }
        open = []
        subject = nil
        peer = nil
    }
}

// MARK: - Scenarios

extension HeldSockets {
    private func makeListen(_ family: SocketFamily) throws {
        let listener = try listen(family)
        try settle(listener, nil, TableRows(family, [.listen: 1]))
    }

    private func makeSynSent(_ family: SocketFamily) throws {
        let client = try hold(TCPSocket(family, nonBlocking: true))
        try client.dropReceivedPackets()
        try client.connect(to: Endpoint(family, port: closedPort))
        try client.awaitState(.synSent)
        try settle(client, nil, TableRows(family, [.synSent: 1]))
        remotePort = closedPort
    }

    private func makeSynReceived(_ family: SocketFamily) throws {
        let listener = try listen(family) { try $0.deferAccept(seconds: 60) }
        let client = try connect(to: listener, family)
        let rows = TableRows(family, [.listen: 1, .synReceived: 1, .established: 1])
        try settle(nil, listener, rows)
        try namePorts(local: listener, remote: client)
    }

    private func makeNotAccepted(_ family: SocketFamily) throws {
        let listener = try listen(family)
        let client = try connect(to: listener, family)
        try settle(nil, listener, TableRows(family, [.listen: 1, .established: 2]))
        try namePorts(local: listener, remote: client)
    }

    private func makeEstablished(_ family: SocketFamily) throws {
        let (client, server) = try connectedPair(family)
        try settle(client, server, TableRows(family, [.established: 2]))
    }

    private func makeDualStack(_ family: SocketFamily) throws {
        let serverFamily: SocketFamily = family == .ipv4 ? .ipv6 : .ipv4
        let (client, server) = try connectedPair(family, serverFamily)
        let rows = TableRows(.ipv4, [.established: 1]) + TableRows(.ipv6, [.established: 1])
        try settle(client, server, rows)
    }

    private func makeFinWait1(_ family: SocketFamily) throws {
        let (client, server) = try connectedPair(family)
        try server.dropReceivedPackets()
        try client.finish()
        try client.awaitState(.finWait1)
        try settle(client, server, TableRows(family, [.finWait1: 1, .established: 1]))
    }

    private func makeFinWait2(_ family: SocketFamily, isSubjectServer: Bool) throws {
        let (client, server) = try connectedPair(family)
        try finish(client, before: server)
        let (subject, peer) = isSubjectServer ? (server, client) : (client, server)
        try settle(subject, peer, TableRows(family, [.finWait2: 1, .closeWait: 1]))
    }

    private func makeClosing(_ family: SocketFamily) throws {
        let (client, server) = try connectedPair(family)
        try server.dropReceivedPackets()
        try client.finish()
        try client.awaitState(.finWait1)
        try server.finish()
        try client.awaitState(.closing)
        try settle(client, server, TableRows(family, [.closing: 1, .finWait1: 1]))
    }

    private func makeLastAck(_ family: SocketFamily) throws {
        let (client, server) = try connectedPair(family)
        try finish(server, before: client)
        try server.dropReceivedPackets()
        try client.finish()
        try client.awaitState(.lastAck)
        try settle(client, server, TableRows(family, [.lastAck: 1, .finWait2: 1]))
    }

    private func makeTimeWait(_ family: SocketFamily) throws {
        let (client, server) = try connectedPair(family)
        try finish(client, before: server)
        try namePorts(local: client, remote: server)
        try closeGracefully(server)
        // The kernel replaces the socket by a minisocket, and leaves the descriptor a closed one.
        try client.awaitState(.close)
        close()
        try settle(nil, nil, TableRows(family, [.timeWait: 1]))
    }

    private func makeBound(_ family: SocketFamily) throws {
        let socket = try hold(TCPSocket(family))
        try socket.bind(to: Endpoint(family))
        try settle(socket, nil, TableRows(family, [.close: 1]))
    }

    private func makeOrphanedFinWait1(_ family: SocketFamily) throws {
        let (client, server) = try connectedPair(family)
        try server.dropReceivedPackets()
        try namePorts(local: client, remote: server)
        try closeGracefully(client)
        try settle(nil, server, TableRows(family, [.finWait1: 1, .established: 1]))
    }

    private func makeOrphanedFinWait2(_ family: SocketFamily) throws {
        let (client, server) = try connectedPair(family)
        try namePorts(local: client, remote: server)
        // First the state, then the orphan: without a descriptor there is nothing to ask.
        try finish(client, before: server)
        try closeGracefully(client)
        try settle(nil, server, TableRows(family, [.finWait2: 1, .closeWait: 1]))
    }
}

// MARK: - Steps

/// tcpmux, RFC 1078: nobody listens there, least of all in a new namespace.
private let closedPort: UInt16 = 1

extension HeldSockets {
    private func hold(_ socket: TCPSocket) -> TCPSocket {
        open.append(socket)
        return socket
    }

    private func release(_ socket: TCPSocket) {
        open.removeAll { $0.descriptor == socket.descriptor }
    }

    private func closeGracefully(_ socket: TCPSocket) throws {
        release(socket)
        try socket.closeGracefully()
    }

    private func listen(
        _ family: SocketFamily, at endpoint: Endpoint? = nil,
        configure: (TCPSocket) throws -> Void = { _ in }
    ) throws -> TCPSocket {
        let listener = try hold(TCPSocket(family))
        try listener.bind(to: endpoint ?? Endpoint(family))
        try configure(listener)
        try listener.listen()
        return listener
    }

    private func connect(to listener: TCPSocket, _ family: SocketFamily) throws -> TCPSocket {
        let client = try hold(TCPSocket(family))
        let port = try listener.endpoint().port
        let isMapped = family == .ipv6 && listener.family == .ipv4
        try client.connect(to: isMapped ? .mapped(port: port) : Endpoint(family, port: port))
        return client
    }

    /// Both ends of a connection, and no listener any more.
    private func connectedPair(
        _ family: SocketFamily, _ serverFamily: SocketFamily? = nil
    ) throws -> (client: TCPSocket, server: TCPSocket) {
        let isMapped = serverFamily == .ipv6 && family == .ipv4
        let listener = try listen(
            serverFamily ?? family, at: isMapped ? .mapped(port: 0) : nil)
        let client = try connect(to: listener, family)
        let server = try hold(listener.accept())
        release(listener)
        try listener.closeForGood()
        return (client, server)
    }

    private func finish(_ first: TCPSocket, before second: TCPSocket) throws {
        try first.finish()
        try first.awaitState(.finWait2)
        try second.awaitState(.closeWait)
    }

    private func settle(_ subject: TCPSocket?, _ peer: TCPSocket?, _ rows: TableRows) throws {
        self.subject = subject?.descriptor
        self.peer = peer?.descriptor
        self.rows = rows
        if let subject { localPort = try subject.endpoint().port }
        if let peer, subject != nil { remotePort = try peer.endpoint().port }
    }

    private func namePorts(local: TCPSocket, remote: TCPSocket) throws {
        localPort = try local.endpoint().port
        remotePort = try remote.endpoint().port
    }
}
