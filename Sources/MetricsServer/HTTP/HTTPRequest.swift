/// What a client asked for: a value that stays valid after its connection is gone.
///
/// Every text in it was written by the client. Bytes that are no UTF-8 are replaced by U+FFFD.
package struct HTTPRequest: Sendable {
    /// The method as the client spelled it; a route's handler sees `GET` or `HEAD` only.
    package let method: String
    /// The path with its percent escapes decoded, without the query.
    package let path: String
    /// The query's pairs in the client's order, decoded; a name without `=` has an empty value.
    package let query: [(name: String, value: String)]
    /// Who asks; nil for clients without an address, those of a Unix socket.
    package let client: ClientAddress?
    private let headers: [(name: String, value: String)]

    package init(
        method: String, path: String, query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = [], client: ClientAddress? = nil
    ) {
        self.client = client
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
    }

    /// The header of that name, whatever the case of its letters; `nil` where there is none.
    ///
    /// Several lines of one name are one list, joined by commas (RFC 9110, section 5.3).
    package func header(_ name: String) -> String? {
        let values = headers.filter { equalIgnoringCase($0.name, name) }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }
}

/// Header names are ASCII (RFC 9110, section 5.1), and only ASCII letters have a case in them.
func equalIgnoringCase(_ one: String, _ other: String) -> Bool {
    one.utf8.elementsEqual(other.utf8) { lowercased($0) == lowercased($1) }
}

/// The lower case of an ASCII letter; any other byte as it is.
func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}
