/// The queue of connections that a listener's program has not accepted yet.
struct AcceptQueue: Equatable {
    var length: UInt32
    /// The queue is full when it is longer than this.
    var limit: UInt32

    var isFull: Bool { length > limit }

    /// Whether an alert can be about it.
    var isLong: Bool { AlertThreshold.queueLength.isReached(by: Double(length)) }

    /// By the part that is in use, where 1 is full; of equal ones the one that takes fewer more.
    static func isLessFull(_ a: AcceptQueue, than b: AcceptQueue) -> Bool {
        let (x, y) = (UInt64(a.length) * b.capacity, UInt64(b.length) * a.capacity)
        return x == y ? a.limit > b.limit : x < y
    }

    private var capacity: UInt64 { UInt64(limit) + 1 }
}
