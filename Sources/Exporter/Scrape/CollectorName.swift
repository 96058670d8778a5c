import Exposition

/// The collectors that can be switched on and off, by the names that flags and labels use.
package enum CollectorName: String, CaseIterable, Sendable {
    case ephemeralPort = "ephemeral-port"
    case listener
    case module
    case offload
    case peer
    case queue
    case state

    /// The part of an exposition that this collector's families are.
    var part: ExpositionParts {
        guard let index = Self.allCases.firstIndex(of: self) else {
            preconditionFailure("a case that is none")
        }
        return ExpositionParts(rawValue: 1 << UInt64(index))
    }
}
