import CCrypt
package import WebConfiguration

/// Passwords held against hashes by libcrypt (man 3 crypt).
package enum Bcrypt {
    /// Characters before the hash proper: version, cost and salt.
    private static let settingByteCount = 29

    /// bcrypt looks at no byte of a password beyond this.
    private static let passwordByteCountMax = 72

    /// Whether the password is the one that the hash is of. Takes as long as the hash's cost says,
    /// whatever the password; any thread may call.
    package static func verify(_ password: [UInt8], _ hash: BcryptHash) -> Bool {
        // C would take a NUL for the end, and so a longer password for a shorter one.
        let hasNUL = password.contains(0)
        let phrase = Array(hasNUL ? [] : password.prefix(passwordByteCountMax)) + [0]
        // $2a$ and $2y$ name the same algorithm; libcrypt has a countermeasure of its own in $2a$.
        let known = Array(hash.text.utf8)
        let setting = Array("$2b$".utf8) + Array(known[4..<settingByteCount]) + [0]
        guard let computed = compute(phrase, setting) else { return false }
        let isEqual = equalInConstantTime(
            computed[settingByteCount...], known[settingByteCount...])
        return isEqual && !hasNUL
    }

    private static func compute(_ phrase: [UInt8], _ setting: [UInt8]) -> [UInt8]? {
        var result = [CChar](repeating: 0, count: Int(CCRYPT_BCRYPT_BYTES))
        let isDone = unsafe CCrypt_bcrypt(
            phrase.map(CChar.init(bitPattern:)), setting.map(CChar.init(bitPattern:)), &result)
        return isDone ? result.dropLast().map(UInt8.init(bitPattern:)) : nil
    }
}

/// Compares all bytes, so that the time taken does not tell where the first difference is.
private func equalInConstantTime(_ one: ArraySlice<UInt8>, _ other: ArraySlice<UInt8>) -> Bool {
    guard one.count == other.count else { return false }
    return zip(one, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
}
