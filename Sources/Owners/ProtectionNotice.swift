package import TCPModel

/// What hides the owners of protected connections, said once: the numbers in it are those of the scrape
/// in which the first connection was protected.
package struct ProtectionNotice {
    private var problems: [String] = []

    package init() {}

    /// The sentences for this scrape, the same as before while processes are hidden.
    package mutating func problems(
        _ visibility: HolderVisibility, protectedCount: UInt64
    ) -> [String] {
        if !visibility.isRightMissing {
            problems = []
        } else if problems.isEmpty {
            problems = visibility.problems(protectedCount: protectedCount)
        }
        return problems
    }
}
