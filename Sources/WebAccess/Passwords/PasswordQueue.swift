import MetricsServer
import WebConfiguration

/// A password that is to be compared with a hash.
struct PasswordJob {
    let digest: CredentialDigest
    let user: [UInt8]
    let password: [UInt8]
    let hash: BcryptHash
    /// Whether there is such a user.
    let isKnown: Bool
    let highestCost: Int
}

/// Passwords that wait to be checked, each client's in a line of its own. Clients take turns, and in a line
/// the user with the fewest passwords goes first: who guesses many holds up nobody but himself, as far as
/// addresses and names tell clients apart.
struct PasswordQueue {
    /// Of one client; at a cost of 10, some 50 ms each.
    static let lineCountMax = 16

    private var lines: [ClientAddress?: [PasswordJob]] = [:]
    /// The clients that have passwords here, the next one first.
    private var turns: [ClientAddress?] = []

    /// Adds a password. In a full line one of the user with the most makes room, the oldest.
    ///
    /// - Returns: The one that made room.
    mutating func append(_ job: PasswordJob, from client: ClientAddress?) -> PasswordJob? {
        var line = lines[client, default: []]
        if line.isEmpty { turns.append(client) }
        line.append(job)
        defer { lines[client] = line }
        guard line.count > Self.lineCountMax else { return nil }
        let counts = line.countsByUser
        let most = counts.values.max()
        return line.firstIndex { counts[$0.user] == most }.map { line.remove(at: $0) }
    }

    /// Removes the password whose turn it is.
    mutating func popFirst() -> PasswordJob? {
        guard !turns.isEmpty else { return nil }
        let client = turns.removeFirst()
        var line = lines[client, default: []]
        let counts = line.countsByUser
        let fewest = counts.values.min()
        let job = line.firstIndex { counts[$0.user] == fewest }.map { line.remove(at: $0) }
        lines[client] = line.isEmpty ? nil : line
        if !line.isEmpty { turns.append(client) }
        return job
    }
}

extension [PasswordJob] {
    fileprivate var countsByUser: [[UInt8]: Int] {
        reduce(into: [:]) { $0[$1.user, default: 0] += 1 }
    }
}
