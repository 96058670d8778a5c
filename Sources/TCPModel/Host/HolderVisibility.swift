package import SystemPackage

/// A process whose descriptors could not be read.
package struct UnreadableProcess: Equatable, Sendable {
    package var process: ProcessID
    /// What it calls itself; empty when not known.
    package var command: [UInt8]
    package var errno: Errno

    package init(process: ProcessID, command: [UInt8], errno: Errno) {
        self.process = process
        self.command = command
        self.errno = errno
    }
}

/// What a search for holders could not see.
package struct HolderVisibility: Equatable, Sendable {
    /// Processes whose descriptors may not be listed.
    package var deniedProcessCount: Int
    /// One of those.
    package var deniedProcess: UnreadableProcess?
    /// Whether capabilities would permit it, as far as is known: the searching process lacks some, and is
    /// in no user namespace, where they would count for nothing. A security module can still deny it.
    package var wouldCapabilitiesHelp: Bool
    /// Whether the mount hides the processes of others (`hidepid`), or cannot be listed at all.
    package var areProcessesHidden: Bool
    /// Whether only a PID namespace below the host's is visible, as in a container: processes outside
    /// of it can hold sockets of this network namespace.
    package var isNamespaceNested: Bool

    /// What kept a process from being read for another reason than a missing right (`EMFILE`, `EIO`,
    /// `ENOMEM` …); nil when nothing did. What a search did not find then may be there all the same.
    package var failure: FileError?

    /// Why the search took a slower way than it could; what it found is the same. Nil when it did not.
    package var detourReason: String?

    /// Whether a right is missing that would show more.
    package var isRightMissing: Bool { deniedProcessCount > 0 || areProcessesHidden }

    package init(
        deniedProcessCount: Int = 0, deniedProcess: UnreadableProcess? = nil,
        wouldCapabilitiesHelp: Bool = false, areProcessesHidden: Bool = false,
        isNamespaceNested: Bool = false, failure: FileError? = nil
    ) {
        self.deniedProcessCount = deniedProcessCount
        self.deniedProcess = deniedProcess
        self.wouldCapabilitiesHelp = wouldCapabilitiesHelp
        self.areProcessesHidden = areProcessesHidden
        self.isNamespaceNested = isNamespaceNested
        self.failure = failure
    }

    /// What is missing that would show the owners of protected connections, a sentence each; nothing when
    /// there are no such connections.
    package func problems(protectedCount: UInt64) -> [String] {
        guard protectedCount > 0 else { return [] }
        let connections = protectedCount == 1 ? "connection" : "connections"
        var problems: [String] = []
        if deniedProcessCount > 0 {
            problems.append(
                "cannot read the descriptors of \(deniedText); up to \(protectedCount) \(connections) "
                    + "may be \(deniedProcessCount == 1 ? "its" : "theirs")"
                    + (wouldCapabilitiesHelp
                        ? "; CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH permit it" : ""))
        }
        if areProcessesHidden {
            problems.append(
                "/proc hides other users' processes (mount option hidepid): up to "
                    + "\(protectedCount) \(connections) may be theirs")
        }
        return problems
    }

    /// `1 process (PID 1, init): Permission denied`.
    private var deniedText: String {
        let isOne = deniedProcessCount == 1
        let processes = isOne ? "1 process" : "\(deniedProcessCount) processes"
        guard let deniedProcess else { return processes }
        let command = String(decoding: deniedProcess.command, as: UTF8.self)
        let name = command.isEmpty ? "" : ", \(command)"
        return "\(processes) (PID \(deniedProcess.process)\(name)\(isOne ? "" : ", and others")): "
            + "\(deniedProcess.errno)"
    }

    /// Why a socket that had a descriptor when the table was read has no visible holder: the holder is
    /// hidden, is elsewhere, or has closed it since.
    package var reason: UnattributedReason {
        if failure != nil { return .partial }
        if isRightMissing { return .protected }
        return isNamespaceNested ? .notFound : .partial
    }

    /// Why it has none at a later scrape either: then it was not closed. Where every process can be
    /// looked into, a socket that root or the kernel created is the kernel's own.
    package func reasonSeenAgain(isRoots: Bool) -> UnattributedReason {
        let reason = reason
        guard reason == .partial, failure == nil else { return reason }
        return isRoots ? .kernel : .notFound
    }
}
