/// Text from names that any local user may choose: executables, cgroups, command names.
enum HostileText {
    /// Names are cut here, so that no one of them can swell an exposition.
    static let nameByteCountMax = 128

    /// Paths are cut here; `PATH_MAX` is 4,096.
    static let pathByteCountMax = 1024

    /// The bytes as text: invalid UTF-8 and zeros replaced, and cut to `byteCountMax` bytes on the
    /// boundary of a character.
    static func text(_ bytes: some Collection<UInt8>, byteCountMax: Int) -> String {
        let text = String(decoding: bytes, as: UTF8.self).replacingZeros
        guard text.utf8.count > byteCountMax else { return text }
        var cut = ""
        for character in text.unicodeScalars {
            guard cut.utf8.count + String(character).utf8.count <= byteCountMax else { break }
            cut.unicodeScalars.append(character)
        }
        return cut
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
