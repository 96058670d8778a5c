/// What samples are about, for those who want some of an exposition only: a set of up to 64 parts,
/// to which the writer gives meanings.
package struct ExpositionParts: OptionSet, Hashable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Every part there can be.
    package static let all = ExpositionParts(rawValue: .max)
}
