/// The list in `Accept`, `Accept-Encoding` and the like (RFC 9110, section 12.4.2).
///
/// An element that cannot be understood is left out, and never keeps the others from being heard.
package struct PreferenceList: Sendable, Equatable {
    /// One element: `name;version=1.0.0;q=0.5`.
    package struct Element: Sendable, Equatable {
        /// In lower case: a media range, a content coding, or `*`.
        package let name: String
        /// The parameter `version`, without quotes.
        package let version: String?
        /// How much it is wanted, 0 to 1; 0 is not at all. 1 unless given.
        package let quality: Double
    }

    /// In the client's order.
    package let elements: [Element]

    /// - Parameter header: A header's value. Its length is bounded by
    ///   `ServerLimits.headerBytesMax`, and the work by its length.
    package init(parsing header: String) {
        elements = header.utf8.split(separator: UInt8(ascii: ",")).compactMap { element in
            Element(
                parsing: element.split(
                    separator: UInt8(ascii: ";"), omittingEmptySubsequences: false
                ).map(token))
        }
    }
}

extension PreferenceList.Element {
    /// - Parameter tokens: The name, and the parameters after it.
    fileprivate init?(parsing tokens: [String]) {
        guard let name = tokens.first, !name.isEmpty else { return nil }
        var (version, quality): (String?, Double) = (nil, 1)
        for parameter in tokens.dropFirst() {
            if parameter.hasPrefix("version=") {
                version = parameter.dropFirst("version=".count).filter { $0 != "\"" }
            } else if parameter.hasPrefix("q=") {
                guard let parsed = parsedQuality(parameter.dropFirst("q=".count)) else {
                    return nil
                }
                quality = parsed
            }
        }
        self.init(name: name, version: version, quality: quality)
    }
}

/// Without the blanks around it, and in lower case. Only ASCII letters have a case: no name that has a
/// meaning holds others.
private func token(_ text: Substring.UTF8View) -> String {
    let bytes = text.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
    return String(decoding: bytes.map(lowercased), as: UTF8.self)
}

/// A quality: `0.5`, and as Java's own client has it `.5`; nil for all that is no number from 0 to 1.
private func parsedQuality(_ text: Substring) -> Double? {
    guard text.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) }),
        let quality = Double(text), quality <= 1
    else { return nil }
    return quality
}

/// How a body's bytes are sent (RFC 9110, section 8.4.1).
package enum ContentCoding: Hashable, Sendable {
    case identity
    case gzip

    /// gzip where the client accepts it and does not prefer the bytes as they are.
    ///
    /// A client that takes neither gets the bytes as they are: it can still read them, and nobody
    /// is helped by an error.
    ///
    /// - Parameter header: The value of `Accept-Encoding`.
    package static func negotiated(_ header: String?) -> ContentCoding {
        let list = PreferenceList(parsing: header ?? "").elements
        guard let gzip = list.first(where: { $0.name == "gzip" })?.quality, gzip > 0 else {
            return .identity
        }
        let identity = list.first { $0.name == "identity" }?.quality ?? 0
        return gzip >= identity ? .gzip : .identity
    }
}
