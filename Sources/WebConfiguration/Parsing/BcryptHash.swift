/// A password's bcrypt hash as it is written down: `$2b$`, two digits of cost, `$`, 22 characters of
/// salt and 31 of the hash proper.
package struct BcryptHash: Hashable, Sendable {
    /// Costs that are taken. bcrypt has no less than 4; each step doubles the work, and at 15 a
    /// password takes seconds already, which others wait for.
    package static let costs = 4...15

    /// The whole of it.
    package let text: String
    /// The logarithm of the number of rounds.
    package let cost: Int

    /// Why a text is no such hash.
    package struct Refusal: Error, Equatable {
        /// A sentence's end: "must …".
        package let explanation: String
    }

    package init(_ text: String) throws(Refusal) {
        let bytes = Array(text.utf8)
        let prefixes = ["$2a$", "$2b$", "$2y$"].map { Array($0.utf8) }
        guard bytes.count == 60, prefixes.contains(Array(bytes[..<4])),
            bytes[6] == UInt8(ascii: "$"), bytes[7...].allSatisfy(Self.isDigit),
            let cost = Self.cost(bytes[4], bytes[5])
        else {
            throw Refusal(
                explanation: "must be a bcrypt hash of 60 characters that begins with $2a$, $2b$ "
                    + "or $2y$, as htpasswd -nBC 10 makes it")
        }
        guard Self.costs.contains(cost) else {
            let (low, high) = (Self.costs.lowerBound, Self.costs.upperBound)
            throw Refusal(
                explanation: "must have a cost from \(low) to \(high), not \(cost): beyond, each "
                    + "password takes many seconds of a processor")
        }
        self.text = text
        self.cost = cost
    }

    /// A hash of that cost which no password is known to have.
    package static func decoy(cost: Int) -> BcryptHash {
        precondition(costs.contains(cost))
        let digits = cost < 10 ? "0\(cost)" : "\(cost)"
        let tail = String(repeating: ".", count: 53)
        return BcryptHash(known: "$2b$\(digits)$\(tail)", cost: cost)
    }

    private init(known text: String, cost: Int) {
        self.text = text
        self.cost = cost
    }

    private static func cost(_ tens: UInt8, _ ones: UInt8) -> Int? {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard digits.contains(tens), digits.contains(ones) else { return nil }
        return Int(tens - digits.lowerBound) * 10 + Int(ones - digits.lowerBound)
    }

    /// bcrypt's own base 64.
    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
