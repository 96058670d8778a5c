import Linux

/// How much a count has grown, and in what time that was seen.
struct Growth: Equatable {
    var count: Int
    var duration: Duration

    /// Less is no time to speak of growth.
    private static let durationMin = Duration.seconds(60)

    /// From the first known value to the last one; nil where it did not grow, or is not known for long.
    init?(_ points: [ScrapeHistory.Point]) {
        guard let first = points.first, let last = points.last else { return nil }
        count = Int(last.value) - Int(first.value)
        duration = last.time - first.time
        if count <= 0 || duration < Self.durationMin { return nil }
    }

    /// Since the last point that is at least so old, or else since the first one; nil without growth.
    init?(_ points: [ScrapeHistory.Point], inTheLast duration: Duration) {
        guard let last = points.last else { return nil }
        let base = points.last { last.time - $0.time >= duration } ?? points[0]
        count = Int(last.value) - Int(base.value)
        self.duration = last.time - base.time
        if count <= 0 { return nil }
    }
}

/// Whether connections leak: their number grows and never falls.
enum Leak {
    /// The lowest count of a window is above the highest of the one before.
    static let window = AlertThreshold.leakDuration
    /// Windows are shorter while less is known, but not shorter than this: a burst would be a leak.
    static let windowMin = Duration.seconds(150)
    /// Fewer points tell nothing.
    private static let pointsMin = 3

    /// Nil if they do not.
    ///
    /// - Parameter countMin: What the lowest count must be.
    static func growth(_ points: [ScrapeHistory.Point], from countMin: Double) -> Growth? {
        guard let first = points.first, let last = points.last else { return nil }
        let half = (last.time - first.time) / 2
        let window = min(Self.window, half)
        guard window >= windowMin else { return nil }
        let recent = points.filter { last.time - $0.time < window }
        let earlier = points.filter {
            last.time - $0.time >= window && last.time - $0.time <= window * 2
        }
        guard recent.count >= pointsMin, earlier.count >= pointsMin,
            let lowest = recent.map(\.value).min(), let highest = earlier.map(\.value).max(),
            Double(lowest) >= countMin, lowest > highest
        else { return nil }
        return Growth(points)
    }
}
