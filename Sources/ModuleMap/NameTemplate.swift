/// A module's name with what groups captured: `$1` to `$9`, or `${12}`; `$$` is a dollar.
struct NameTemplate: Sendable, Equatable {
    enum Part: Sendable, Equatable {
        case text([UInt8])
        /// From 1.
        case group(Int)
    }

    /// Bytes of the longest template.
    static let byteCountMax = 256
    /// Bytes of the longest name: a template can repeat a group. It is cut further where it is shown.
    static let nameByteCountMax = 1024

    let parts: [Part]

    /// Nil for a dollar that is neither.
    init?(_ template: String) {
        var (parts, text): ([Part], [UInt8]) = ([], [])
        var rest = Array(template.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "$") else {
                text.append(byte)
                continue
            }
            if rest.first == byte {
                text.append(byte)
                rest = rest.dropFirst()
            } else {
                guard let group = Self.group(&rest) else { return nil }
                if !text.isEmpty { parts.append(.text(text)) }
                parts.append(.group(group))
                text = []
            }
        }
        if !text.isEmpty { parts.append(.text(text)) }
        self.parts = parts
    }

    /// The highest group that it refers to; 0 for none.
    var highestGroup: Int {
        parts.reduce(0) { highest, part in
            if case .group(let number) = part { max(highest, number) } else { highest }
        }
    }

    func text(_ groups: [ArraySlice<UInt8>]) -> [UInt8] {
        var name: [UInt8] = []
        for part in parts {
            switch part {
            case .text(let text): name += text
            case .group(let number):
                name += groups[number - 1].prefix(Self.nameByteCountMax - name.count)
            }
            if name.count >= Self.nameByteCountMax { break }
        }
        return Array(name.prefix(Self.nameByteCountMax))
    }

    private static func group(_ rest: inout ArraySlice<UInt8>) -> Int? {
        guard let first = rest.popFirst() else { return nil }
        guard first == UInt8(ascii: "{") else { return number([first]) }
        guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else { return nil }
        defer { rest = rest[(end + 1)...] }
        return number(rest[..<end])
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        let number = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return number > 0 ? number : nil
    }
}
