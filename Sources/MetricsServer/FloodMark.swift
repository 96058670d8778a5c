import Linux

/// Whether many connections have been open, and are no more.
struct FloodMark {
    /// When the end of a flood is to be taken note of; nil while there is none.
    private(set) var endDue: MonotonicTime?

    /// The most that were open at once since the last flood.
    private var peak = 0

    /// Fewer connections than this have taken no memory worth giving back: 64 take 2 MiB at most.
    private static let countMin = 64
    /// A flood of short connections, one wave after the other, is one flood.
    private static let delay = Duration.seconds(1)

    mutating func rise(to count: Int) {
        peak = max(peak, count)
    }

    /// - Returns: The moment of `endDue`, if it was set now.
    mutating func fall(to count: Int) -> MonotonicTime? {
        guard endDue == nil, peak >= Self.countMin, count <= peak / 2 else { return nil }
        endDue = MonotonicTime.now + Self.delay
        return endDue
    }

    /// Whether a flood has ended by now; true once for each.
    mutating func takeEnd(at now: MonotonicTime) -> Bool {
        guard let due = endDue, due <= now else { return false }
        self = FloodMark()
        return true
    }
}
