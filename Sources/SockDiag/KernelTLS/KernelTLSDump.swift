package import TCPModel

/// Asks which connections have kernel TLS, and gives up when the kernel does not answer.
///
/// With `INET_DIAG_INFO` the kernel waits for each socket's lock, in a sleep that no signal ends, and
/// any user can hold the lock of a socket for as long as they like: a `send()` holds it while it
/// reads memory whose page faults the user answers. So the question has a dump and a thread of its
/// own, and whoever waits for the table does not wait for the lock. Before Linux 6.9 that is not enough:
/// see `KernelRelease.dumpsSocketsConcurrently`.
package struct KernelTLSDump: Sendable {
    private let scope: InetDiagRequest.Scope
    private let thread: KernelTLSThread
    private let timeout: Duration
    private let openTransport: @Sendable () throws(ConnectionSourceError) -> NetlinkTransport

    /// - Parameters:
    ///   - scope: Which sockets are asked for.
    ///   - thread: Where it runs.
    ///   - timeout: When it is given up; many rows may take longer.
    ///   - openTransport: Opens a socket for one walk, in the calling thread's namespace.
    package init(
        scope: InetDiagRequest.Scope = .everyFamily, thread: KernelTLSThread = .shared,
        timeout: Duration = .milliseconds(500),
        openTransport: @escaping @Sendable () throws(ConnectionSourceError) -> NetlinkTransport =
            NetlinkTransport.kernel
    ) {
        self.scope = scope
        self.thread = thread
        self.timeout = timeout
        self.openTransport = openTransport
    }

    /// Whether the last question was given up and has not come back.
    var isStuck: Bool { thread.isStuck }

    /// The connections of the calling thread's network namespace; a new thread starts in the
    /// namespace of the thread that made it.
    func run() throws(OffloadProblem) -> KernelTLSConnections {
        try thread.run(timeout) { report in
            do throws(OffloadProblem) {
                return .success(try read(report))
            } catch {
                return .failure(error)
            }
        }.get()
    }

    private func read(
        _ report: (_ rowCount: Int) -> Void
    ) throws(OffloadProblem) -> KernelTLSConnections {
        var dump = TCPSocketDump(scope: scope, openTransport: openTransport)
        dump.subject = .upperLayerProtocols
        var connections = KernelTLSConnections()
        var rows: [TCPConnection] = []
        do throws(ConnectionSourceError) {
            while true {
                // Cookies are never reused, so that rows of an interrupted attempt do no harm.
                if case .complete = try dump.next(&rows) { break }
                connections.add(rows)
                report(rows.count)
            }
        } catch {
            throw .unreadable(error)
        }
        connections.isUpperLayerProtocolSeen = dump.evidence.isUpperLayerProtocolSeen
        return connections
    }
}

/// The connections that have kernel TLS, by socket cookie or by inode.
package struct KernelTLSConnections: Equatable, Sendable {
    package private(set) var byCookie: [UInt64: KernelTLS] = [:]
    /// Those that a process holds, which count before the others: they tell what a device has handed back.
    var held: [SocketInode: KernelTLS] = [:]
    /// Whether the kernel told of any upper-layer protocol.
    var isUpperLayerProtocolSeen = false

    mutating func add(_ rows: [TCPConnection]) {
        for row in rows {
            if let tls = row.tls { byCookie[row.cookie] = tls }
        }
    }

    /// Gives rows of another dump their kernel TLS. A connection that began to use it after it was
    /// asked about goes without. `time_wait` has its connection's cookie, and no kernel TLS.
    func complete(_ rows: inout [TCPConnection]) {
        guard !byCookie.isEmpty || !held.isEmpty else { return }
        for index in rows.indices
        where InetDiagRequest.kernelTLSStates & 1 << UInt32(rows[index].state.rawValue) != 0 {
            let tls = rows[index].inode.flatMap { held[$0] }
            rows[index].tls = tls ?? byCookie[rows[index].cookie]
        }
    }
}
