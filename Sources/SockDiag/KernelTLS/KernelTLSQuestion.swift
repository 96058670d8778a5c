import TCPModel

/// Finds out which connections of the calling thread's network namespace have kernel TLS, where
/// `/proc/net/tls_stat` says that some have: that costs more than a dump without.
///
/// `HeldKernelTLSSource` sees what processes hold. What no process holds (the kernel's own connections, as of
/// NFS, those whose descriptor is in flight or with io_uring alone) is missing there, and the kernel's counts
/// show it: then netlink is asked for the rest.
struct KernelTLSQuestion {
    /// A socket that went from one process to another may have been missed.
    private static let attemptsMax = 2

    let host: any KernelTLSInformation
    let held: (any HeldKernelTLSSource)?
    let dump: KernelTLSDump
    /// Whether to ask netlink even where a program that holds a socket's lock can then block every dump of
    /// the host.
    let allowsBlocking: Bool

    func ask() -> KernelTLSAnswer {
        var answer = KernelTLSAnswer()
        // Where the counters cannot be read, for another reason than that there are none, some connection
        // may have kernel TLS.
        let before = statistics
        if let before, !before.hasConnections { return answer }
        if let before, lookAtHeld(since: before, &answer) { return answer }
        guard allowsBlocking || host.kernelRelease?.dumpsSocketsConcurrently == true else {
            answer.problem = .blocking
            return answer
        }
        do throws(OffloadProblem) {
            let held = answer.connections.held
            answer.connections = try dump.run()
            answer.connections.held = held
            answer.isNetlinkAsked = true
        } catch {
            answer.problem = error
        }
        return answer
    }

    /// - Parameter evidence: What the table's dump told besides its rows.
    func problem(_ answer: KernelTLSAnswer, _ evidence: InetDiagWalk.Evidence) -> OffloadProblem? {
        if let problem = answer.problem { return problem }
        guard isHidden(answer, evidence) else { return nil }
        return answer.isHeldSeen ? .heldByNoProcess : .capabilityMissing
    }

    /// Whether connections have kernel TLS and netlink did not say which. The marks are in every dump, and
    /// the table has more rows to show them.
    private func isHidden(_ answer: KernelTLSAnswer, _ evidence: InetDiagWalk.Evidence) -> Bool {
        guard answer.isNetlinkAsked, !answer.connections.isUpperLayerProtocolSeen,
            !evidence.isMarkSeen, host.kernelRelease?.showsKernelTLSToAll != true
        else { return false }
        return statistics?.hasConnections ?? true
    }

    private var statistics: KernelTLSStatistics? { try? host.kernelTLSStatistics() }

    /// - Returns: Whether all are held by processes.
    private func lookAtHeld(
        since before: KernelTLSStatistics, _ answer: inout KernelTLSAnswer
    ) -> Bool {
        guard let held, let namespace = host.networkNamespaceInode else { return false }
        var before = before
        do throws(HeldKernelTLSError) {
            for _ in 0..<Self.attemptsMax {
                let sockets = try held.sockets(in: namespace)
                answer.connections.held = sockets
                answer.isHeldSeen = true
                guard let after = statistics else { return false }
                if after.areAll(in: sockets.values, since: before) { return true }
                before = after
            }
        } catch {
            guard case .failed(let reason) = error else { return false }
            answer.detour = "\(reason); netlink is asked for kernel TLS instead"
        }
        return false
    }
}

/// What is known of kernel TLS.
struct KernelTLSAnswer {
    var connections = KernelTLSConnections()
    /// Whether those that processes hold are known.
    var isHeldSeen = false
    var isNetlinkAsked = false
    /// Why the connections are not all.
    var problem: OffloadProblem?
    /// Why it was asked for in another way than it could be.
    var detour: String?
}

extension KernelTLSStatistics {
    /// What counters are named after, and which connections they count.
    private static let counters: [(name: String, includes: @Sendable (KernelTLS) -> Bool)] = [
        ("TxSw", { $0.transmit == .software }), ("RxSw", { $0.receive == .software }),
        ("TxDevice", { $0.transmit == .device }), ("RxDevice", { $0.receive == .device }),
    ]

    /// Whether no connection is missing that had kernel TLS all the time: as many are there as the kernel
    /// counts now, less at most those that got it since.
    fileprivate func areAll(
        in connections: some Collection<KernelTLS>, since before: KernelTLSStatistics
    ) -> Bool {
        Self.counters.allSatisfy { name, includes in
            let seen = UInt64(connections.count(where: includes))
            let current = self["TlsCurr" + name]
            let opened = (self["Tls" + name], before["Tls" + name])
            return seen >= current || current - seen <= max(opened.0, opened.1) - opened.1
        }
    }
}
