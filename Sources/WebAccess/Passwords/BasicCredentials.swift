import CGnuTLS

/// The name and the password in the header `Authorization` of the scheme `Basic` (RFC 7617).
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
            let text = decodedBase64(Array(bytes[scheme.count...])),
            let colon = text.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        user = Array(text[..<colon])
        password = Array(text[(colon + 1)...])
    }
}

/// The bytes that base 64 stands for (RFC 4648, section 4), padding required, blanks ignored; nil for
/// anything else.
///
/// The corresponding C function is `gnutls_base64_decode2`.
private func decodedBase64(_ text: [UInt8]) -> [UInt8]? {
    var decoded = unsafe gnutls_datum_t()
    let code = unsafe text.withUnsafeBufferPointer { buffer in
        let start = unsafe UnsafeMutablePointer(mutating: buffer.baseAddress)
        var encoded = unsafe gnutls_datum_t(data: start, size: CUnsignedInt(buffer.count))
        return unsafe gnutls_base64_decode2(&encoded, &decoded)
    }
    guard code >= 0 else { return nil }
    defer { unsafe CGnuTLS_free(decoded.data) }
    return unsafe Array(UnsafeBufferPointer(start: decoded.data, count: Int(decoded.size)))
}
