package import TCPModel

/// Refers to the owner of a row, known or not, for the length of one scrape.
package struct OwnerRef: Hashable, Sendable {
    /// What a reference leads to.
    package enum Target: Equatable, Sendable {
        /// A process that is known to hold the socket, by a small number.
        case process(Int)
        /// Rows without a holder that share everything their owner depends on, by a small number.
        case group(Int)
        /// A socket whose holder has not been searched for yet, one reference each.
        case pending(Int)
    }

    /// The kind in the upper two bits, the number below.
    @usableFromInline let bits: UInt32

    @usableFromInline static let numberBitCount: UInt32 = 30

    /// The most rows that can be pending in one scrape, and more than a kernel's table can hold.
    static let pendingMax = 1 << Int(numberBitCount) - 1

    private init(_ kind: UInt32, _ number: Int) {
        bits = kind << Self.numberBitCount | UInt32(truncatingIfNeeded: number)
    }

    static func process(_ slot: ProcessSlot) -> OwnerRef { OwnerRef(0, slot.index) }
    static func group(_ index: Int) -> OwnerRef { OwnerRef(1, index) }
    static func pending(_ index: Int) -> OwnerRef { OwnerRef(2, index) }

    /// What it leads to.
    @inlinable package var target: Target {
        let number = Int(bits & (1 << Self.numberBitCount - 1))
        return switch bits >> Self.numberBitCount {
        case 0: .process(number)
        case 1: .group(number)
        default: .pending(number)
        }
    }
}

/// The module that a connection belongs to, or why that is unknown.
package enum Owner: Equatable, Sendable {
    case module(ModuleIndex)
    case unattributed(UnattributedReason)
}
