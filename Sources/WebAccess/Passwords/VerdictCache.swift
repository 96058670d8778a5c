/// Digests with a known verdict: as many as there is room for; the oldest goes first.
struct VerdictCache {
    private var known: Set<CredentialDigest> = []
    /// In the order of their coming, as a ring once it is full.
    private var order: [CredentialDigest] = []
    private var oldest = 0
    private let countMax: Int

    init(countMax: Int) {
        self.countMax = countMax
    }

    func contains(_ digest: CredentialDigest) -> Bool { known.contains(digest) }

    mutating func insert(_ digest: CredentialDigest) {
        guard known.insert(digest).inserted else { return }
        guard order.count == countMax else { return order.append(digest) }
        known.remove(order[oldest])
        order[oldest] = digest
        oldest = (oldest + 1) % countMax
    }
}
