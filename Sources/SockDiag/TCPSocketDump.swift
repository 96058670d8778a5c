import SystemPackage

/// Dumps the kernel's TCP sockets of one network namespace, a message at a time.
///
/// A dump is no snapshot: while it runs, a socket may be missed or seen twice. When the kernel says
/// that it was disturbed (`NLM_F_DUMP_INTR`), or messages were lost, it is done again, a bounded
/// number of times. A dump still disturbed at the last attempt is given as it is, and the outcome
/// says so; one that lost messages is an error, because rows are then surely missing.
package struct TCPSocketDump {
    /// How often one dump is tried. Disturbances are rare (mainline TCP never reports one), and
    /// each attempt costs the whole table.
    package static let attemptsMax = 3

    /// What `netlink_dump` in the kernel fills at most; a longer buffer gains nothing.
    private static let bufferByteCount = 32 * 1024

    /// What happened on the way to a dump that was read to its end.
    package struct Outcome: Equatable, Sendable {
        /// How many attempts the kernel called disturbed.
        package var interruptions = 0
        /// Whether the rows that were given come from a disturbed attempt.
        package var isInterrupted = false
        /// Whether some connections have kernel TLS and the kernel did not tell which: before Linux
        /// 6.15 it tells only those with `CAP_NET_ADMIN`.
        package var isKernelTLSHidden = false

        /// What could not be known, a sentence each.
        package var problems: [String] {
            var problems: [String] = []
            if isInterrupted {
                problems.append(
                    "the kernel called each of \(attemptsMax) dumps disturbed: sockets may be "
                        + "missing or counted twice")
            }
            if isKernelTLSHidden { problems.append(Self.hiddenKernelTLS) }
            return problems
        }

        /// What it means that kernel TLS is hidden.
        package static let hiddenKernelTLS =
            "offload states are not known: some connections have kernel TLS, and before Linux 6.15 "
            + "which ones is told only to those with CAP_NET_ADMIN"

        package init(
            interruptions: Int = 0, isInterrupted: Bool = false, isKernelTLSHidden: Bool = false
        ) {
            self.interruptions = interruptions
            self.isInterrupted = isInterrupted
            self.isKernelTLSHidden = isKernelTLSHidden
        }
    }

    private let scope: InetDiagRequest.Scope
    private let openTransport: () throws(SockDiagError) -> NetlinkTransport
    private var buffer = [UInt8](repeating: 0, count: bufferByteCount)
    private var sequence: UInt32 = 0
    /// Off once the kernel has refused the one walk and granted the two.
    private var walksOnce = true

    /// - Parameters:
    ///   - scope: Which sockets are read.
    ///   - openTransport: Opens a socket for one walk, in the calling thread's namespace.
    package init(
        scope: InetDiagRequest.Scope = .everyFamily,
        openTransport: @escaping () throws(SockDiagError) -> NetlinkTransport =
            NetlinkTransport.kernel
    ) {
        self.scope = scope
        self.openTransport = openTransport
    }

    /// Reads the whole table.
    ///
    /// - Parameters:
    ///   - includingUpperLayerProtocol: Asks for `InetDiagMessage.upperLayerProtocol`, which doubles
    ///     the cost of a row.
    ///   - begin: Called before the first row of each attempt: rows given before it do not count.
    ///   - body: Called for each row; what it throws ends the dump.
    package mutating func read(
        includingUpperLayerProtocol: Bool,
        begin: () -> Void,
        body: (borrowing InetDiagMessage) throws(DecodeError) -> Void
    ) throws(SockDiagError) -> Outcome {
        var outcome = Outcome()
        for _ in 1...Self.attemptsMax {
            switch try walk(includingUpperLayerProtocol, begin, body) {
            case .complete:
                outcome.isInterrupted = false
                return outcome
            case .interrupted:
                outcome.interruptions += 1
                outcome.isInterrupted = true
            case .overrun:
                outcome.isInterrupted = false
            }
        }
        guard outcome.isInterrupted else { throw .overrun(attempts: Self.attemptsMax) }
        return outcome
    }

    private mutating func walk(
        _ includesUpperLayerProtocol: Bool,
        _ begin: () -> Void,
        _ body: (borrowing InetDiagMessage) throws(DecodeError) -> Void
    ) throws(SockDiagError) -> InetDiagWalk.End {
        guard scope == .everyFamily else {
            begin()
            return try walk(scope, openTransport(), includesUpperLayerProtocol, body)
        }
        if walksOnce {
            // A socket that cannot be opened is no refusal of what was never asked.
            let transport = try openTransport()
            do throws(SockDiagError) {
                begin()
                return try walk(.everyFamily, transport, includesUpperLayerProtocol, body)
            } catch {
                guard error.isRefusal else { throw error }
            }
        }
        begin()
        let ipv4 = try walk(.ipv4, openTransport(), includesUpperLayerProtocol, body)
        let ipv6 = try walk(.ipv6, openTransport(), includesUpperLayerProtocol, body)
        walksOnce = false
        return max(ipv4, ipv6)
    }

    private mutating func walk(
        _ scope: InetDiagRequest.Scope,
        _ transport: NetlinkTransport,
        _ includesUpperLayerProtocol: Bool,
        _ body: (borrowing InetDiagMessage) throws(DecodeError) -> Void
    ) throws(SockDiagError) -> InetDiagWalk.End {
        sequence &+= 1
        let request = InetDiagRequest(
            scope: scope, sequence: sequence,
            includesUpperLayerProtocol: includesUpperLayerProtocol)
        let walk = InetDiagWalk(transport: transport, request: request)
        return try walk.run(buffer: &buffer, body)
    }
}

extension SockDiagError {
    /// Whether the kernel understood the message and would not serve the request.
    fileprivate var isRefusal: Bool {
        switch self {
        case .refused, .unavailable: true
        default: false
        }
    }
}
