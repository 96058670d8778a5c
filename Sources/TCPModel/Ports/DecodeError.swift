/// Why bytes that claim to be a netlink message cannot be one.
///
/// The bytes come from outside, so every length is checked and a wrong one is an error that says
/// which field, where, and what was there instead.
package enum DecodeError: Error, Equatable, Sendable {
    /// `field` needs `needed` bytes at `offset`, and only `available` are left.
    case truncated(field: StaticText, offset: Int, needed: Int, available: Int)
    /// The length that `field` declares at `offset` is shorter than its own header.
    case impossibleLength(field: StaticText, offset: Int, length: Int)
    /// `field` holds a value that no kernel known to this version sends, and that was not asked for.
    case unknownValue(field: StaticText, value: Int)
}

extension DecodeError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .truncated(let field, let offset, let needed, let available):
            "\(field) at byte \(offset) needs \(needed) bytes, \(available) are left"
        case .impossibleLength(let field, let offset, let length):
            "\(field) at byte \(offset) claims \(length) bytes, less than its header"
        case .unknownValue(let field, let value):
            "\(field) holds \(value), which has no meaning here"
        }
    }
}
