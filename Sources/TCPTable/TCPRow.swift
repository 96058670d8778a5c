public import Owners
public import TCPModel

/// One row of the TCP table: a connection, or a socket that may become one.
public struct TCPRow: Sendable {
    package let connection: TCPConnection
    /// Nil when nobody asked.
    private let rowOwner: RowOwner?
    private let context: TableContext

    init(_ connection: TCPConnection, _ owner: RowOwner?, _ context: TableContext) {
        self.connection = connection
        rowOwner = owner
        self.context = context
    }
}

/// What the kernel tells (`struct inet_diag_msg`, `linux/inet_diag.h`).
extension TCPRow {
    /// The socket's own family: IPv4 connections of a dual-stack socket are `ipv6`, at IPv4-mapped
    /// addresses.
    public var family: AddressFamily { connection.family }
    /// Where the connection is in its life (RFC 9293, section 3.3.2).
    public var state: TCPState { connection.state }
    /// Where the socket is bound; a wildcard when anywhere.
    public var localAddress: IPAddress { connection.localAddress }
    /// The other side's; a wildcard when there is none.
    public var remoteAddress: IPAddress { connection.remoteAddress }
    /// In host order.
    public var localPort: UInt16 { connection.localPort }
    /// In host order; 0 of a listener.
    public var remotePort: UInt16 { connection.remotePort }
    /// The network interface that the socket is bound to, 0 for none: the scope of link-local
    /// addresses.
    public var interfaceIndex: UInt32 { connection.interfaceIndex }
    /// Bytes received and not yet read; of a listener the connections that wait to be accepted.
    public var receiveQueue: UInt32 { connection.receiveQueue }
    /// Bytes written and not yet acknowledged; of a listener how many may wait to be accepted.
    public var sendQueue: UInt32 { connection.sendQueue }
    /// The user who made the socket.
    public var userID: UInt32 { connection.userID }
    /// The socket's inode number, as `/proc/PID/fd` shows it; nil when no descriptor refers to it.
    public var inode: UInt32? { connection.inode?.rawValue }
    /// Unique for the socket's life, never used again.
    public var cookie: UInt64 { connection.cookie }
    /// The inode number of the cgroup v2 directory that the socket was made in; nil when not told.
    public var cgroupID: UInt64? { connection.cgroup?.rawValue }
    /// Kernel TLS of an established connection; nil when it has none, or the kernel does not tell
    /// (`TCPTable.isOffloadKnown`).
    public var tls: KernelTLS? { connection.tls }
    /// Who moves the bytes: the host's stack, or the network card. Nil when the kernel does not tell
    /// (`TCPTable.isOffloadKnown`).
    public var offloadState: OffloadState? {
        context.offloadProblem == nil ? connection.offloadState : nil
    }

    /// Address and port, as `ss` writes them: `127.0.0.1:80`, `[::1]:80`.
    public var local: String { Self.endpoint(localAddress, localPort) }
    /// The same of the other side; `*` stands for the port 0.
    public var remote: String { Self.endpoint(remoteAddress, remotePort) }

    private static func endpoint(_ address: IPAddress, _ port: UInt16) -> String {
        let port = port == 0 ? "*" : String(port)
        return address.family == .ipv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    }
}

/// Whose it was when the table was read.
extension TCPRow {
    /// The process that holds the socket; the one that started first, if several do. Nil when none does,
    /// or none that we may look into.
    public var process: OwningProcess? { context.process(of: rowOwner) }

    /// What a person would name when asked whose connection it is: also known of connections not
    /// accepted yet, by their listener, and of closed ones, by their cgroup.
    public var module: OwnerModule? { context.module(of: rowOwner)?.module }

    /// The path of the owner's executable, cut at 1,024 bytes; empty when it is not known.
    public var executablePath: String {
        process == nil
            ? context.module(of: rowOwner)?.path ?? "" : context.path(of: rowOwner)
    }

    /// What `ps` and `ss` call the process's program; empty when there is no process.
    package var program: String { context.program(of: rowOwner) }

    /// Why there is no module; nil when there is one.
    public var unattributedReason: UnattributedReason? {
        guard case .unattributed(let reason) = rowOwner?.owner else { return nil }
        return reason
    }

    /// Looks up what the owning process is now, like Windows' `GetOwnerModuleFromTcpEntry`. Of a socket
    /// that a service manager holds, the service is told for which the manager made it.
    public func owner() throws(OwnerError) -> ConnectionOwner {
        guard let process else { throw .notFound(process: nil) }
        return try process.owner(ofSocketIn: cgroupID)
    }
}

extension OwningProcess {
    /// Looks up what the process is now, like Windows' `GetOwnerModuleFromTcpEntry`.
    public func owner() throws(OwnerError) -> ConnectionOwner {
        try owner(LinuxHost().information, containerName: SharedContainerNames.name)
    }

    /// The owner of a socket that the process holds.
    ///
    /// - Parameter cgroup: The cgroup that the socket was created in.
    package func owner(ofSocketIn cgroup: UInt64?) throws(OwnerError) -> ConnectionOwner {
        var owner = try owner()
        if owner.isManager, let module = cgroup.flatMap(SharedCgroupModules.module) {
            owner.module = module
        }
        return owner
    }
}
