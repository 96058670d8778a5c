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

/// The target of a request (RFC 9112, section 3.2) with its percent escapes decoded.
///
/// Bytes that are no UTF-8 are replaced by U+FFFD.
struct RequestTarget {
    let path: String
    /// In the client's order; a name without `=` has an empty value.
    let query: [(name: String, value: String)]

    /// Takes the origin form, `/path?query`, and the absolute form, `http://host/path?query`, as clients
    /// send it to proxies. Nil for a target with a NUL: C's strings, and so some logs and proxies, end there.
    init?(_ target: [UInt8]) {
        let relative = target.withoutOrigin
        let end = relative.firstIndex(of: UInt8(ascii: "?")) ?? relative.endIndex
        let path = relative[..<end].percentDecoded
        let pairs = relative[end...].dropFirst().split(separator: UInt8(ascii: "&")).map { pair in
            let end = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            return (pair[..<end].formDecoded, pair[end...].dropFirst().formDecoded)
        }
        guard !path.contains(0), !pairs.contains(where: { $0.0.contains(0) || $0.1.contains(0) })
        else { return nil }
        self.path = path.isEmpty ? "/" : String(decoding: path, as: UTF8.self)
        query = pairs.map { name, value in
            (String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
        }
    }
}

extension [UInt8] {
    /// Without scheme and authority.
    fileprivate var withoutOrigin: ArraySlice<UInt8> {
        for scheme in ["http://", "https://"] {
            guard prefix(scheme.utf8.count).map(lowercased).elementsEqual(scheme.utf8) else {
                continue
            }
            return dropFirst(scheme.utf8.count).drop { byte in
                byte != UInt8(ascii: "/") && byte != UInt8(ascii: "?")
            }
        }
        return self[...]
    }
}

extension ArraySlice<UInt8> {
    /// Escapes that are none stay as they are.
    fileprivate var percentDecoded: [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(count)
        var rest = self
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"), let high = rest.first.flatMap(hexDigit),
                let low = rest.dropFirst().first.flatMap(hexDigit)
            else {
                decoded.append(byte)
                continue
            }
            decoded.append(high << 4 | low)
            rest = rest.dropFirst(2)
        }
        return decoded
    }

    /// As HTML forms encode a query: `+` is a space.
    fileprivate var formDecoded: [UInt8] {
        ArraySlice(map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }).percentDecoded
    }
}

private func hexDigit(_ character: UInt8) -> UInt8? {
    switch lowercased(character) {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): lowercased(character) - UInt8(ascii: "a") + 10
    default: nil
    }
}
