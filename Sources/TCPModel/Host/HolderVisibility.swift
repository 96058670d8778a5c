/// What a search for holders could not see.
package struct HolderVisibility: Equatable, Sendable {
    /// Processes whose descriptors may not be listed.
    package var deniedProcessCount: Int
    /// Whether the mount hides the processes of others (`hidepid`), or cannot be listed at all.
    package var areProcessesHidden: Bool
    /// Whether only a PID namespace below the host's is visible, as in a container: processes outside
    /// of it can hold sockets of this network namespace.
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

    /// Why a socket that had a descriptor when the table was read has no visible holder: the holder is
    /// hidden, is elsewhere, or has closed it since. A socket that is still there at a later scrape was
    /// not closed: the kernel itself holds it, or a process that no /proc shows.
    package func reason(isSeenAgain: Bool) -> UnattributedReason {
        if isRightMissing { return .protected }
        return isNamespaceNested || isSeenAgain ? .notFound : .partial
    }
}
