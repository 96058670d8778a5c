import CCrypt
import CGnuTLS
package import WebConfiguration

/// Compares passwords with hashes by libcrypt (man 3 crypt).
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
        return isEqual(computed[settingByteCount...], known[settingByteCount...]) && !hasNUL
    }

    /// Takes the same time wherever the first difference is. The corresponding C function is
    /// `gnutls_memcmp`.
    private static func isEqual(_ one: ArraySlice<UInt8>, _ other: ArraySlice<UInt8>) -> Bool {
        unsafe one.count == other.count && gnutls_memcmp(Array(one), Array(other), one.count) == 0
    }

    private static func compute(_ phrase: [UInt8], _ setting: [UInt8]) -> [UInt8]? {
        var result = [CChar](repeating: 0, count: Int(CCRYPT_BCRYPT_BYTES))
        let isDone = unsafe CCrypt_bcrypt(
            phrase.map(CChar.init(bitPattern:)), setting.map(CChar.init(bitPattern:)), &result)
        return isDone ? result.dropLast().map(UInt8.init(bitPattern:)) : nil
    }
}
