/// A literal that names a field or a call: it costs nothing to carry and, unlike `StaticString`,
/// can be compared.
package struct StaticText: Sendable, ExpressibleByStringLiteral {
    private let literal: StaticString

    package init(_ literal: StaticString) { self.literal = literal }

    package init(stringLiteral literal: StaticString) { self.literal = literal }
}

extension StaticText: CustomStringConvertible, Equatable {
    package var description: String { literal.description }

    package static func == (a: StaticText, b: StaticText) -> Bool {
        a.description == b.description
    }
}
