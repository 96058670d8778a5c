package import Procfs
package import SockDiag

/// Something that can give the rows of a TCP table.
package protocol TCPTableSource: SendableMetatype {
    /// Reads the table once.
    ///
    /// - Parameters:
    ///   - begin: Called before the first row of each attempt: rows given before it do not count.
    ///   - body: Called for each row, which is lent, not given.
    mutating func read(
        begin: () -> Void, body: (borrowing TCPConnection) -> Void
    ) throws(SockDiagError) -> TCPSocketDump.Outcome
}

extension TCPTableSource {
    /// Which of some sockets are in the table now; nil when it cannot be read.
    package mutating func open(among sockets: Set<SocketInode>) -> Set<SocketInode>? {
        var open: Set<SocketInode> = []
        do {
            _ = try read {
            } body: { connection in
                if let inode = connection.inode, sockets.contains(inode) { open.insert(inode) }
            }
            return open
        } catch {
            return nil
        }
    }
}

/// The kernel's TCP table of the calling thread's network namespace.
package struct KernelTCPTable: TCPTableSource {
    private var dump: TCPSocketDump
    private let procfs: ProcFS

    package init(procfs: ProcFS, dump: TCPSocketDump = TCPSocketDump()) {
        self.procfs = procfs
        self.dump = dump
    }

    /// - Parameter family: Sockets of the other one are left out; nil is both.
    package init(procfs: ProcFS, family: AddressFamily?) {
        let scope: InetDiagRequest.Scope =
            switch family {
            case nil: .everyFamily
            case .ipv4: .ipv4
            case .ipv6: .ipv6
            }
        self.init(procfs: procfs, dump: TCPSocketDump(scope: scope))
    }

    /// Asks for kernel TLS only where some connection has it: the question doubles the cost of each
    /// row, and hardly any host needs it.
    package mutating func read(
        begin: () -> Void, body: (borrowing TCPConnection) -> Void
    ) throws(SockDiagError) -> TCPSocketDump.Outcome {
        guard KernelTLSStatistics.mayHaveConnections(procfs) else {
            return try dump.read(includingUpperLayerProtocol: false, begin: begin) {
                (message) throws(DecodeError) in body(try TCPConnection(message))
            }
        }
        var isAnyTold = false
        var outcome = try dump.read(includingUpperLayerProtocol: true, begin: begin) {
            (message) throws(DecodeError) in
            if message.upperLayerProtocol != nil || message.isMarkTold { isAnyTold = true }
            body(try TCPConnection(message))
        }
        outcome.isKernelTLSHidden =
            !isAnyTold && !KernelRelease.tellsKernelTLSToAll(procfs)
            && KernelTLSStatistics.mayHaveConnections(procfs)
        return outcome
    }
}
