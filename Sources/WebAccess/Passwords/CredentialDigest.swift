import CGnuTLS
import WebConfiguration

/// What is cached instead of a password: an HMAC over the user's name, the hash that the password was
/// compared with, the password, and whether there is such a user.
///
/// Each field is preceded by its length, so that no two sets of them read the same (CVE-2022-46146 came of
/// fields that did). The key is this process' own, so nobody can compute a digest beforehand.
struct CredentialDigest: Hashable {
    private let bytes: [UInt8]

    /// A key of digests.
    struct Key: Sendable {
        fileprivate let bytes: [UInt8]

        /// A random one, from the kernel (getrandom(2)).
        init() {
            var source = SystemRandomNumberGenerator()
            bytes = (0..<32).map { _ in .random(in: .min ... .max, using: &source) }
        }
    }

    /// Nil where the library refuses, for want of memory.
    init?(
        _ credentials: BasicCredentials, comparedWith hash: BcryptHash, isKnown: Bool, _ key: Key
    ) {
        let fields = [
            credentials.user, Array(hash.text.utf8), credentials.password, [isKnown ? 1 : 0],
        ]
        let message = fields.flatMap { field in
            (0..<8).map { UInt8(truncatingIfNeeded: field.count >> ($0 * 8)) } + field
        }
        var digest = [UInt8](repeating: 0, count: 32)
        let status = unsafe gnutls_hmac_fast(
            GNUTLS_MAC_SHA256, key.bytes, key.bytes.count, message, message.count, &digest)
        guard status == 0 else { return nil }
        bytes = digest
    }
}
