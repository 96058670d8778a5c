import TCPModel

/// How many connection attempts each listening socket has dropped, from scrape to scrape.
///
/// The kernel counts what a socket dropped, connection attempts and other packets alike: with
/// `TCP_DEFER_ACCEPT`, one for each connection. It counts the attempts alone too, for a whole network
/// namespace. What a socket dropped is counted as far as attempts were dropped in the namespace.
struct ListenerDrops {
    /// What was read in one scrape.
    struct Reading {
        /// What each socket has dropped, by cookie.
        var sockets: [UInt64: UInt32]
        /// The attempts that were dropped in the namespace.
        var attemptCount: UInt64
    }

    /// Of this scrape; nil when it could not be read.
    private var current: Reading?
    /// Of sockets that were counted before.
    private var counted: [UInt64: UInt32] = [:]
    private var countedAttempts: UInt64 = 0
    /// Attempts since the scrape before that no socket was seen to drop: sockets are read first.
    private var remainingAttempts: UInt64 = 0

    /// Whether it is known in this scrape.
    var areKnown: Bool { current != nil }

    /// Begins a scrape.
    mutating func begin(_ reading: Reading?) {
        current = reading
    }

    /// What the sockets dropped since they were counted last; of a new one, in all its life. Sockets that
    /// are gone are forgotten.
    ///
    /// - Returns: A number for each cookie.
    mutating func count(_ cookies: [UInt64]) -> [UInt64] {
        guard let current else { return cookies.map { _ in 0 } }
        let newAttempts = current.attemptCount - min(current.attemptCount, countedAttempts)
        let attempts = newAttempts + remainingAttempts
        var next: [UInt64: UInt32] = [:]
        next.reserveCapacity(cookies.count)
        var sum: UInt64 = 0
        let counts = cookies.map { cookie -> UInt64 in
            let before = counted[cookie] ?? 0
            let now = current.sockets[cookie] ?? before
            // A dump can show a socket twice.
            guard next.updateValue(now, forKey: cookie) == nil else { return 0 }
            let count = min(UInt64(now &- before), attempts)
            sum += count
            return count
        }
        counted = next
        countedAttempts = current.attemptCount
        remainingAttempts = min(newAttempts, attempts - min(attempts, sum))
        return counts
    }
}
