/// What a client says it is: the header `Authorization` of the scheme `Basic` (RFC 7617).
struct BasicCredentials: Equatable {
    let user: [UInt8]
    let password: [UInt8]

    /// Nil for any other header, and for a malformed one.
    init?(_ header: String) {
        let bytes = Array(header.utf8)
        let scheme = Array("basic ".utf8)
        guard bytes.count > scheme.count,
            zip(bytes, scheme).allSatisfy({
                $0 == $1 || (0x41...0x5a).contains($0) && $0 | 0x20 == $1
            }),
            let text = decodedBase64(bytes[scheme.count...]),
            let colon = text.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        user = Array(text[..<colon])
        password = Array(text[(colon + 1)...])
    }
}

/// The bytes that base 64 stands for (RFC 4648, section 4), padding required; nil for anything else.
private func decodedBase64(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    guard !text.isEmpty, text.count.isMultiple(of: 4) else { return nil }
    let paddingCount = text.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    var (bits, bitCount): (UInt32, Int) = (0, 0)
    for character in text.dropLast(paddingCount) {
        guard let digit = base64Digit(character) else { return nil }
        bits = bits << 6 | UInt32(digit)
        bitCount += 6
        guard bitCount >= 8 else { continue }
        bitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
    }
    return bytes
}

private func base64Digit(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
}
