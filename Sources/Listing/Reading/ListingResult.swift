import Linux

/// A listing that was read, and what it lacks.
struct ListingResult {
    var content: any ListingContent
    var time = WallTime.now()
    /// What could not be read, one sentence each.
    var problems: [String]
    /// Why offload states are unknown; nil if they are known.
    var offloadProblem: String?
}
