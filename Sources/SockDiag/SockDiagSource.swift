package import TCPModel

/// The kernel's TCP table, read by sock_diag (`man 7 sock_diag`).
package struct SockDiagSource: ConnectionSource {
    private var dump: TCPSocketDump
    private let host: any KernelTLSInformation
    private var isReading = false

    /// - Parameter dump: How the sockets are dumped.
    package init(_ host: any KernelTLSInformation, dump: TCPSocketDump = TCPSocketDump()) {
        self.host = host
        self.dump = dump
    }

    /// - Parameter family: Sockets of the other family are left out; nil reads both.
    package init(_ host: any KernelTLSInformation, family: AddressFamily?) {
        let scope: InetDiagRequest.Scope =
            switch family {
            case nil: .everyFamily
            case .ipv4: .ipv4
            case .ipv6: .ipv6
            }
        self.init(host, dump: TCPSocketDump(scope: scope))
    }

    /// Asks for kernel TLS only where some connection has it: that doubles the cost of each row, and
    /// hardly any host needs it.
    package mutating func next(
        _ rows: inout [TCPConnection]
    ) throws(ConnectionSourceError) -> DumpStep {
        if !isReading {
            dump.includesUpperLayerProtocol = mayHaveKernelTLS
            isReading = true
        }
        do throws(ConnectionSourceError) {
            let step = try dump.next(&rows)
            guard case .complete(var outcome) = step else { return step }
            isReading = false
            if isKernelTLSHidden { outcome.offloadProblem = .capabilityMissing }
            return .complete(outcome)
        } catch {
            isReading = false
            throw error
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

    /// Whether connections have kernel TLS and the kernel did not say which.
    private var isKernelTLSHidden: Bool {
        guard dump.includesUpperLayerProtocol, !dump.evidence.isUpperLayerProtocolSeen,
            !dump.evidence.isMarkSeen, host.kernelRelease?.showsKernelTLSToAll != true
        else { return false }
        return mayHaveKernelTLS
    }
}
