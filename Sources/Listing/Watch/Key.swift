/// A key of a terminal.
enum Key: Equatable {
    case up
    case down
    case left
    case right
    case pageUp
    case pageDown
    case home
    case end
    case enter
    case escape
    case backspace
    /// Any other key that writes a character.
    case character(Unicode.Scalar)
}

/// Turns the bytes that a terminal sends into keys (`man 4 console_codes`, ECMA-48). A sequence may come in
/// pieces; an unknown one is passed over.
struct KeyDecoder {
    /// The beginning of a sequence.
    private var pending: [UInt8] = []
    /// Longer ones are none.
    private static let byteCountMax = 16

    /// The keys of these bytes and those before.
    mutating func keys(_ bytes: some Sequence<UInt8>) -> [Key] {
        pending += bytes
        var keys: [Key] = []
        while let first = pending.first, let length = Self.length(pending) {
            let sequence = pending.prefix(length)
            pending.removeFirst(length)
            if let key = first == 0x1B ? Self.key(sequence) : Self.character(sequence) {
                keys.append(key)
            }
        }
        if pending.count > Self.byteCountMax { pending = [] }
        return keys
    }

    /// How many bytes the first key has; nil while its end is missing.
    private static func length(_ bytes: [UInt8]) -> Int? {
        let first = bytes[0]
        guard first == 0x1B else {
            let length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
            return bytes.count < length ? nil : length
        }
        // Terminals send sequences in one piece: what comes alone is the key itself.
        guard bytes.count > 1 else { return 1 }
        switch bytes[1] {
        case UInt8(ascii: "O"): return bytes.count > 2 ? 3 : nil
        case UInt8(ascii: "["):
            let end = bytes.dropFirst(2).firstIndex { 0x40...0x7E ~= $0 }
            return end.map { $0 + 1 }
        default: return 1
        }
    }

    private static func key(_ sequence: ArraySlice<UInt8>) -> Key? {
        switch String(decoding: sequence.dropFirst(), as: UTF8.self) {
        case "": .escape
        case "[A", "OA": .up
        case "[B", "OB": .down
        case "[C", "OC": .right
        case "[D", "OD": .left
        case "[5~": .pageUp
        case "[6~": .pageDown
        case "[H", "OH", "[1~", "[7~": .home
        case "[F", "OF", "[4~", "[8~": .end
        default: nil
        }
    }

    private static func character(_ bytes: ArraySlice<UInt8>) -> Key? {
        switch bytes.first {
        case 0x0A, 0x0D: return .enter
        case 0x08, 0x7F: return .backspace
        case 0x02: return .pageUp  // Control-B, as in less
        case 0x06: return .pageDown  // Control-F
        default:
            let scalar = String(decoding: bytes, as: UTF8.self).unicodeScalars.first
            return scalar.flatMap { $0.isHidden || $0 == "\u{FFFD}" ? nil : .character($0) }
        }
    }
}
