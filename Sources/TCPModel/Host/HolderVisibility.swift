/// What a search for holders could not see.
package struct HolderVisibility: Equatable, Sendable {
    /// Processes whose descriptors may not be listed.
    package var deniedProcessCount: Int
    /// Whether the mount hides the processes of others (`hidepid`), or cannot be listed at all.
    package var areProcessesHidden: Bool
    /// Whether only a PID namespace below the host's is visible, as in a container: processes outside
    /// of it can hold sockets of this network namespace.
    package var isNamespaceNested: Bool

    /// What kept a process from being read for another reason than a missing right (`EMFILE`, `EIO`,
    /// `ENOMEM` …); nil when nothing did. What a search did not find then may be there all the same.
    package var failure: FileError?

    /// Whether a right is missing that would show more.
    package var isRightMissing: Bool { deniedProcessCount > 0 || areProcessesHidden }

    package init(
        deniedProcessCount: Int = 0, areProcessesHidden: Bool = false,
        isNamespaceNested: Bool = false, failure: FileError? = nil
    ) {
        self.deniedProcessCount = deniedProcessCount
        self.areProcessesHidden = areProcessesHidden
        self.isNamespaceNested = isNamespaceNested
        self.failure = failure
    }

    /// What is missing that would show more, a sentence each.
    package var problems: [String] {
        var problems: [String] = []
        if deniedProcessCount > 0 {
            problems.append(
                "connections of other users' processes may count as protected: their descriptors "
                    + "are readable with CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH")
        }
        if areProcessesHidden {
            problems.append(
                "connections of other users' processes may count as protected: /proc hides them "
                    + "(mount option hidepid)")
        }
        return problems
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
