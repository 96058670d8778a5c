package import TCPModel

/// The kernel's TCP table, read by sock_diag (`man 7 sock_diag`).
package struct SockDiagSource: ConnectionSource {
    private var dump: TCPSocketDump
    private let question: KernelTLSQuestion
    /// What is known of kernel TLS for the table that is being read; nil before its first row.
    private var kernelTLS: KernelTLSAnswer?

    /// - Parameters:
    ///   - dump: How the sockets are dumped.
    ///   - kernelTLSDump: How the connections with kernel TLS are.
    ///   - held: Sees those that processes hold in another way; nil without.
    ///   - allowsBlocking: Whether to ask for kernel TLS even where a program that holds a socket's lock
    ///     can then block every dump of the host.
    package init(
        _ host: any KernelTLSInformation, dump: TCPSocketDump = TCPSocketDump(),
        kernelTLSDump: KernelTLSDump = KernelTLSDump(), held: (any HeldKernelTLSSource)? = nil,
        allowsBlocking: Bool = false
    ) {
        self.dump = dump
        question = KernelTLSQuestion(
            host: host, held: held, dump: kernelTLSDump, allowsBlocking: allowsBlocking)
    }

    /// - Parameter family: Sockets of the other family are left out; nil reads both.
    package init(
        _ host: any KernelTLSInformation, family: AddressFamily?,
        held: (any HeldKernelTLSSource)? = nil, allowsBlocking: Bool = false
    ) {
        let scope: InetDiagRequest.Scope =
            switch family {
            case nil: .everyFamily
            case .ipv4: .ipv4
            case .ipv6: .ipv6
            }
        self.init(
            host, dump: TCPSocketDump(scope: scope), kernelTLSDump: KernelTLSDump(scope: scope),
            held: held, allowsBlocking: allowsBlocking)
    }

    package var stuckThreadCount: Int { question.dump.isStuck ? 1 : 0 }

    package mutating func next(
        _ rows: inout [TCPConnection]
    ) throws(ConnectionSourceError) -> DumpStep {
        let answer = kernelTLS ?? question.ask()
        kernelTLS = answer
        do throws(ConnectionSourceError) {
            let step = try dump.next(&rows)
            answer.connections.complete(&rows)
            guard case .complete(var outcome) = step else { return step }
            kernelTLS = nil
            outcome.offloadProblem = question.problem(answer, dump.evidence)
            outcome.offloadDetour = answer.detour
            return .complete(outcome)
        } catch {
            kernelTLS = nil
            throw error
        }
    }
}

extension SockDiagSource: ListenerSource {
    package mutating func listeners() throws(ConnectionSourceError) -> [ListeningSocket] {
        try dump.listeners()
    }
}
