import TCPModel

/// Who has series of their own when there are more than fit: the greatest by weight.
///
/// Whoever has them keeps them, so that no two change places at the edge, unless another outweighs him
/// several times. He counts with the weight that he had lately: it wears off over some scrapes.
struct SeriesPlaces<Key: Hashable & Comparable> {
    /// How many times greater a newcomer must be to displace another.
    private static var displacingFactor: UInt64 { 4 }
    /// In each scrape a weight from before loses this part.
    private static var wear: UInt64 { 16 }

    private let limit: Int
    /// Who has series, with the weight that counts.
    private var weights: [Key: UInt64] = [:]

    /// - Parameter limit: How many have series.
    init(limit: Int) {
        self.limit = limit
    }

    func contains(_ key: Key) -> Bool { weights[key] != nil }

    /// Decides anew.
    ///
    /// - Parameter candidates: Everyone there is, with the weight of this scrape.
    mutating func update(_ candidates: [Key: UInt64]) {
        var established: [Key: UInt64] = [:]
        established.reserveCapacity(weights.count)
        for (key, former) in weights {
            guard let weight = candidates[key] else { continue }
            established[key] = max(weight, former - min(former, former / Self.wear + 1))
        }
        weights = established
        guard weights.count < candidates.count else { return }
        guard candidates.count > limit else {
            weights.merge(candidates) { established, _ in established }
            return
        }
        admit(candidates.filter { weights[$0.key] == nil })
    }

    /// Fills free places, and then lets newcomers displace the least, as long as they outweigh them.
    private mutating func admit(_ candidates: [Key: UInt64]) {
        let free = max(0, limit - weights.count)
        let least = free > 0 ? 0 : weights.values.min() ?? .max
        // Of tens of thousands, hardly any outweighs those that have places: only these are sorted.
        let newcomers = candidates.filter { free > 0 || $0.value / Self.displacingFactor > least }
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        guard !newcomers.isEmpty else { return }
        let established = weights.sorted { ($0.value, $1.key) < ($1.value, $0.key) }
        for (key, weight) in newcomers.prefix(free) { weights[key] = weight }
        for (newcomer, least) in zip(newcomers.dropFirst(free), established) {
            guard newcomer.value / Self.displacingFactor > least.value else { return }
            weights[least.key] = nil
            weights[newcomer.key] = newcomer.value
        }
    }
}

extension OwnerModule.Kind {
    /// What a connection of such a module weighs. No ordinary user can make services of the system or its
    /// containers, and so push out others with them.
    var weight: UInt64 {
        switch self {
        case .service, .container: 8
        case .userService, .userContainer, .process, .other: 1
        }
    }
}
