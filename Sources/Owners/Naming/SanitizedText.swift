/// Text made of bytes that any local user may choose: names of executables, cgroups and commands.
package enum SanitizedText {
    /// Names are cut here, so that no single one can swell an exposition.
    static let nameByteCountMax = 128

    /// Paths are cut here; `PATH_MAX` is 4,096. Prometheus refuses a whole target for one label value that
    /// is longer than its limit, and some services set that to 1,023 bytes.
    static let pathByteCountMax = 1023

    /// The bytes of a name as text.
    package static func name(_ bytes: some Collection<UInt8>) -> String {
        text(bytes, byteCountMax: nameByteCountMax)
    }

    /// The bytes as text: invalid UTF-8 and zeros are replaced, and text of more than `byteCountMax` bytes
    /// is cut between characters and ends in a hash of the whole, so that two long names do not become
    /// one.
    ///
    /// - Parameter byteCountMax: At least 32.
    package static func text(_ bytes: some Collection<UInt8>, byteCountMax: Int) -> String {
        let text = String(decoding: bytes, as: UTF8.self).replacingZeros
        guard text.utf8.count > byteCountMax else { return text }
        let mark = "~" + hexadecimal(fnv1a(bytes))
        var cut = ""
        var byteCount = mark.utf8.count
        for scalar in text.unicodeScalars {
            byteCount += UTF8.width(scalar)
            guard byteCount <= byteCountMax else { break }
            cut.unicodeScalars.append(scalar)
        }
        return cut + mark
    }

    /// The 64-bit FNV-1a hash, the same in every process and version (unlike `Hasher`'s).
    static func fnv1a(_ bytes: some Collection<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}

extension String {
    /// A zero would end the text for some readers. No name in Linux holds one, but systemd's escapes
    /// can write it.
    fileprivate var replacingZeros: String {
        guard utf8.contains(0) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
    }
}
