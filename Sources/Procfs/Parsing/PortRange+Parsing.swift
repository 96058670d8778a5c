extension Collection<UInt8> {
    /// The range that two ports write, with blanks between them; nil when there is anything else.
    var portPair: ClosedRange<UInt16>? {
        let ports = words.compactMap(\.port)
        guard words.count == 2, ports.count == 2, ports[0] <= ports[1] else { return nil }
        return ports[0]...ports[1]
    }

    /// The ranges of a list such as `8080,9148-9150`; nil when there is anything else.
    var portRanges: [ClosedRange<UInt16>]? {
        var ranges: [ClosedRange<UInt16>] = []
        for part in split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let bounds = part.split(
                separator: UInt8(ascii: "-"), omittingEmptySubsequences: false
            ).map(\.port)
            guard bounds.count <= 2, let first = bounds.first ?? nil,
                let last = bounds.last ?? nil, first <= last
            else { return nil }
            ranges.append(first...last)
        }
        return ranges
    }

    private var port: UInt16? { UInt64(decimal: self).flatMap(UInt16.init(exactly:)) }
}
