package import TCPModel

/// The kernel's TCP table, read by sock_diag (`man 7 sock_diag`).
package struct SockDiagSource: ConnectionSource {
    private var dump: TCPSocketDump
    private let kernelTLSDump: KernelTLSDump
    private let host: any KernelTLSInformation
    private let allowsBlocking: Bool
    /// What is known of kernel TLS for the table that is being read; nil before its first row.
    private var kernelTLS: KernelTLSAnswer?

    private enum KernelTLSAnswer {
        case notAsked
        case connections(KernelTLSConnections)
        case problem(OffloadProblem)
    }

    /// - Parameters:
    ///   - dump: How the sockets are dumped.
    ///   - kernelTLSDump: How the connections with kernel TLS are.
    ///   - allowsBlocking: Whether to ask for kernel TLS even where a program that holds a socket's lock
    ///     can then block every dump of the host.
    package init(
        _ host: any KernelTLSInformation, dump: TCPSocketDump = TCPSocketDump(),
        kernelTLSDump: KernelTLSDump = KernelTLSDump(), allowsBlocking: Bool = false
    ) {
        self.allowsBlocking = allowsBlocking
        self.host = host
        self.dump = dump
        self.kernelTLSDump = kernelTLSDump
    }

    /// - Parameter family: Sockets of the other family are left out; nil reads both.
    package init(
        _ host: any KernelTLSInformation, family: AddressFamily?, allowsBlocking: Bool = false
    ) {
        let scope: InetDiagRequest.Scope =
            switch family {
            case nil: .everyFamily
            case .ipv4: .ipv4
            case .ipv6: .ipv6
            }
        self.init(
            host, dump: TCPSocketDump(scope: scope), kernelTLSDump: KernelTLSDump(scope: scope),
            allowsBlocking: allowsBlocking)
    }

    package var stuckThreadCount: Int { kernelTLSDump.isStuck ? 1 : 0 }

    /// Asks for kernel TLS only where some connection has it: that costs a second dump, and hardly any
    /// host needs it.
    package mutating func next(
        _ rows: inout [TCPConnection]
    ) throws(ConnectionSourceError) -> DumpStep {
        let answer = kernelTLS ?? askForKernelTLS()
        kernelTLS = answer
        do throws(ConnectionSourceError) {
            let step = try dump.next(&rows)
            if case .connections(let connections) = answer { connections.complete(&rows) }
            guard case .complete(var outcome) = step else { return step }
            kernelTLS = nil
            outcome.offloadProblem = problem(answer)
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

// MARK: - Kernel TLS

extension SockDiagSource {
    private func askForKernelTLS() -> KernelTLSAnswer {
        guard mayHaveKernelTLS else { return .notAsked }
        guard allowsBlocking || host.kernelRelease?.dumpsSocketsConcurrently == true else {
            return .problem(.blocking)
        }
        do throws(OffloadProblem) {
            return .connections(try kernelTLSDump.run())
        } catch {
            return .problem(error)
        }
    }

    /// Where the counters cannot be read, for another reason than that there are none, some
    /// connection may have kernel TLS.
    private var mayHaveKernelTLS: Bool {
        do throws(FileError) {
            return try host.kernelTLSStatistics().hasConnections
        } catch {
            return true
        }
    }

    private func problem(_ answer: KernelTLSAnswer) -> OffloadProblem? {
        switch answer {
        case .notAsked: nil
        case .connections(let connections): isHidden(connections) ? .capabilityMissing : nil
        case .problem(let problem): problem
        }
    }

    /// Whether connections have kernel TLS and the kernel did not say which. The marks are in every
    /// dump, and the table has more rows to show them.
    private func isHidden(_ connections: KernelTLSConnections) -> Bool {
        guard !connections.isUpperLayerProtocolSeen, !dump.evidence.isMarkSeen,
            host.kernelRelease?.showsKernelTLSToAll != true
        else { return false }
        return mayHaveKernelTLS
    }
}
