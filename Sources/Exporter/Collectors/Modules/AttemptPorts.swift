import Owners
import TCPModel

/// The ports that unanswered connection attempts go to, by what leads to their owner: for the page.
struct AttemptPorts {
    /// Of more, only those are known that occur often.
    private static let keysMax = 256

    private struct Key: SeededHashable {
        var ref: OwnerRef
        var port: UInt16

        func hash(_ seed: HashSeed) -> UInt64 {
            let number: Int =
                switch ref.target {
                case .process(let number), .group(let number), .pending(let number): number
                }
            return seed.mix(UInt64(number), UInt64(port))
        }
    }

    private var ports = FrequentKeys<Key>(keysMax: keysMax)

    mutating func removeAll() { ports.removeAll() }

    /// Counts a row if it is an attempt.
    @inline(__always)
    mutating func count(_ row: borrowing TCPConnection, _ ref: OwnerRef) {
        guard case .synSent = row.state else { return }
        ports.count(Key(ref: ref, port: row.remote.port))
    }

    /// Adds those of suspect modules.
    func add(to tally: inout SuspectTally, _ owners: borrowing ResolvedOwners) {
        for (key, count) in ports.counted {
            guard case .module(let module) = owners.owner(of: key.ref) else { continue }
            tally.add(module, port: key.port, count)
        }
    }
}
