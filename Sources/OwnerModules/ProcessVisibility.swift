/// What a scan of /proc could not see.
package struct ProcessVisibility: Equatable, Sendable {
    /// Processes whose descriptors we may not list.
    package var deniedProcessCount = 0
    /// Whether the mount hides the processes of others (`hidepid`), or cannot be listed at all.
    package var areProcessesHidden = false
    /// Whether the mount shows a PID namespace below the host's, as in a container: processes
    /// outside of it can hold sockets of our network namespace.
    package var isNamespaceNested = false

    /// Whether a right is missing that would show more.
    package var isRightMissing: Bool { deniedProcessCount > 0 || areProcessesHidden }

    package init() {}

    /// Why a socket that had a descriptor when the table was read has no holder that we can see: it
    /// is hidden from us, lives elsewhere, or has let go of it since.
    var reasonForNoHolder: UnattributedReason {
        if isRightMissing { return .protected }
        return isNamespaceNested ? .notFound : .partial
    }
}
