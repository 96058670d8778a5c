/// What a scan of /proc could not see.
package struct ProcessVisibility: Equatable, Sendable {
    /// Processes whose descriptors we may not list.
    package var deniedProcessCount: Int
    /// Whether the mount hides the processes of others (`hidepid`), or cannot be listed at all.
    package var areProcessesHidden: Bool
    /// Whether the mount shows a PID namespace below the host's, as in a container: processes
    /// outside of it can hold sockets of our network namespace.
    package var isNamespaceNested: Bool

    /// Whether a right is missing that would show more.
    package var isRightMissing: Bool { deniedProcessCount > 0 || areProcessesHidden }

    package init(
        deniedProcessCount: Int = 0, areProcessesHidden: Bool = false,
        isNamespaceNested: Bool = false
    ) {
        self.deniedProcessCount = deniedProcessCount
        self.areProcessesHidden = areProcessesHidden
        self.isNamespaceNested = isNamespaceNested
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

    /// Why a socket that had a descriptor when the table was read has no holder that we can see: it
    /// is hidden from us, lives elsewhere, or has let go of it since. A socket that is still there
    /// at a later scrape was not let go: the kernel itself holds it, or one that no /proc shows.
    func reason(isSeenAgain: Bool) -> UnattributedReason {
        if isRightMissing { return .protected }
        return isNamespaceNested || isSeenAgain ? .notFound : .partial
    }
}
