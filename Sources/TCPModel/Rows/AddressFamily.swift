/// The family of a socket itself: IPv4 connections of a dual-stack socket are `ipv6`, as the kernel
/// and `ss` have it.
public enum AddressFamily: UInt8, CaseIterable, Sendable {
    case ipv4
    case ipv6

    /// The value of the label `family`.
    public var label: StaticString {
        switch self {
        case .ipv4: "ipv4"
        case .ipv6: "ipv6"
        }
    }

    /// A dense index below `AddressFamily.count`.
    @inlinable package var index: Int { Int(rawValue) }

    /// How many families there are.
    @inlinable package static var count: Int { 2 }
}
