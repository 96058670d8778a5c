import Linux

/// A listing that was read, and what it lacks.
struct ListingResult {
    var content: any ListingContent
    /// The rows in the order of `--sort`; nil is the content's own.
    var order: [Int]?
    /// How many network namespaces' tables were read.
    var tableCount = 1
    var time = WallTime.now()
    /// What could not be read, one sentence each.
    var problems: [String]
    /// Why offload states are unknown; nil if they are known.
    var offloadProblem: String?
    /// Why no row is listed; nil if some are, or there is nothing to say.
    var emptiness: String?
}
