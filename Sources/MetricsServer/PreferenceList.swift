/// What a client would rather have: the list in `Accept`, `Accept-Encoding` and the like
/// (RFC 9110, section 12.4.2).
///
/// A client writes what it likes. An element that cannot be understood is left out, as if it had
/// not been said, and never keeps the others from being heard.
package struct PreferenceList: Sendable, Equatable {
    /// One element: `name;parameter=value;q=0.5`.
    package struct Element: Sendable, Equatable {
        /// In lower case: a media range, a content coding, or `*`.
        package let name: String
        /// Those but `q`, with their names in lower case and their values without quotes.
        package let parameters: [Parameter]
        /// Thousandths, 0 to 1,000: how much it is wanted; 0 is not at all. 1,000 unless said.
        package let quality: Int
    }

    /// A parameter of an element.
    package struct Parameter: Sendable, Equatable {
        package let name: String
        package let value: String
    }

    /// In the client's order.
    package let elements: [Element]

    /// - Parameter text: A header's value, or several joined by commas. Its length is bounded by
    ///   `ServerLimits.connectionMemoryBytes`, and the work by its length.
    package init(parsing text: String) {
        elements = Array(text.utf8).pieces(separatedBy: UInt8(ascii: ",")).compactMap(Element.init)
    }
}

extension PreferenceList.Element {
    fileprivate init?(parsing text: ArraySlice<UInt8>) {
        let pieces = text.pieces(separatedBy: UInt8(ascii: ";")).map(\.trimmed)
        guard let name = pieces.first, !name.isEmpty else { return nil }
        let parameters = pieces.dropFirst().compactMap(PreferenceList.Parameter.init)
        var quality = 1_000
        if let weight = parameters.first(where: { $0.name == "q" }) {
            guard let thousandths = thousandths(weight.value) else { return nil }
            quality = thousandths
        }
        self.name = name.lowercased
        self.parameters = parameters.filter { $0.name != "q" }
        self.quality = quality
    }

    /// The first value of that parameter; nil where there is none.
    package subscript(parameter: String) -> String? {
        parameters.first { $0.name == parameter }?.value
    }
}

extension PreferenceList.Parameter {
    fileprivate init?(parsing text: ArraySlice<UInt8>) {
        guard let end = text.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        name = text[..<end].trimmed.lowercased
        value = text[(end + 1)...].trimmed.unquoted
    }
}

/// A quality: `0.5`, and as some old clients have it `.5`; digits beyond the third say nothing.
/// Nil for all that is no number from 0 to 1.
private func thousandths(_ text: String) -> Int? {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let fraction = parts.count > 1 ? parts[1] : ""
    guard parts[0].isEmpty ? !fraction.isEmpty : parts[0] == "0" || parts[0] == "1",
        fraction.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    let digits = fraction.prefix(3) + String(repeating: "0", count: 3 - min(3, fraction.count))
    guard let rest = Int(digits) else { return nil }
    let whole = parts[0] == "1" ? 1_000 : 0
    return whole + rest <= 1_000 ? whole + rest : nil
}

extension Collection<UInt8> where SubSequence == ArraySlice<UInt8>, Index == Int {
    /// The pieces between separators that stand outside of quotes.
    fileprivate func pieces(separatedBy separator: UInt8) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var start = startIndex
        var (isQuoted, isEscaped) = (false, false)
        for index in indices {
            let byte = self[index]
            if isEscaped {
                isEscaped = false
            } else if isQuoted && byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if byte == separator && !isQuoted {
                pieces.append(self[start..<index])
                start = index + 1
            }
        }
        return pieces + [self[start..<endIndex]]
    }
}

extension ArraySlice<UInt8> {
    fileprivate var trimmed: ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == 0x09 }
        guard let last = lastIndex(where: { !isBlank($0) }) else { return [] }
        return self[...last].drop(while: isBlank)
    }

    /// ASCII letters only: no name that has a meaning holds others.
    fileprivate var lowercased: String {
        let bytes = map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The text of a quoted string (RFC 9110, section 5.6.4); all else as it is.
    fileprivate var unquoted: String {
        guard count >= 2, first == UInt8(ascii: "\""), last == UInt8(ascii: "\"") else {
            return String(decoding: self, as: UTF8.self)
        }
        var bytes: [UInt8] = []
        var isEscaped = false
        for byte in dropFirst().dropLast() {
            isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
            if !isEscaped { bytes.append(byte) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
