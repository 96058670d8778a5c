/// The contents of the file `--web.config.file`, in the format of Prometheus' exporter-toolkit (its
/// docs/web-configuration.md).
package struct WebConfiguration: Sendable, Equatable {
    /// Nil is plain HTTP.
    package var tls: TLSConfiguration?
    /// Who has access; an empty list gives everybody access.
    package var users = UserList()
    /// Headers of every response, sorted by name.
    package var headers: [ResponseHeader] = []
    /// Nil is without limit.
    package var rateLimit: RateLimit?
    /// Settings that have no effect here and do no harm, a sentence each.
    package var remarks: [String] = []

    package init() {}
}

/// A header of a response: both parts can be sent as they are.
package struct ResponseHeader: Sendable, Equatable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// By bytes: as strings, values that are spelled differently could be equal, and a change be missed.
    package static func == (one: Self, other: Self) -> Bool {
        one.name == other.name && one.value.utf8.elementsEqual(other.value.utf8)
    }
}

/// A token bucket that all clients share.
package struct RateLimit: Sendable, Equatable {
    /// Seconds until one more request may come; greater than 0.
    package let intervalSeconds: Double
    /// Requests that may come at once after a pause; at least 1.
    package let burst: Int

    package init(intervalSeconds: Double, burst: Int) {
        self.intervalSeconds = intervalSeconds
        self.burst = burst
    }
}

/// The users by the bytes of their names: names with different bytes could be equal as strings.
package struct UserList: Sendable, Equatable {
    /// The hash of each user's password.
    package private(set) var hashes: [[UInt8]: BcryptHash] = [:]
    /// The highest cost among them.
    package private(set) var highestCost = BcryptHash.costs.lowerBound

    package init() {}

    package var isEmpty: Bool { hashes.isEmpty }

    /// Adds one user.
    package mutating func add(_ name: String, _ hash: BcryptHash) {
        hashes[Array(name.utf8)] = hash
        highestCost = max(highestCost, hash.cost)
    }
}
