import CGnuTLS
import Glibc

/// `gnutls_certificate_verify_function`: 0 lets the client in, which may have shown no certificate. The session's
/// pointer is the `TLSContext` that set it up and outlives it.
nonisolated func verifyClient(session: OpaquePointer?) -> CInt {
    let isRefused: CInt = -1
    guard let session = unsafe session, let pointer = unsafe gnutls_session_get_ptr(session) else {
        return isRefused
    }
    let context = unsafe Unmanaged<TLSContext>.fromOpaque(pointer).takeUnretainedValue()
    if unsafe context.admits(session) { return 0 }
    // libmicrohttpd would close without a word.
    unsafe gnutls_alert_send(session, GNUTLS_AL_FATAL, GNUTLS_A_BAD_CERTIFICATE)
    return isRefused
}

extension TLSContext {
    fileprivate func admits(_ session: OpaquePointer) -> Bool {
        var count: CUnsignedInt = 0
        let isShown = unsafe gnutls_certificate_get_peers(session, &count) != nil && count > 0
        guard isShown else { return !isRequiring }
        if unsafe isVerifying && !isVerified(session) { return false }
        guard let allowedNames else { return true }
        return unsafe !allowedNames.isDisjoint(with: names(in: session))
    }

    /// Whether the certificate descends from the client CA, holds now, and is for clients.
    private func isVerified(_ session: OpaquePointer) -> Bool {
        var status: CUnsignedInt = 0
        let code = unsafe Array(GNUTLS_KP_TLS_WWW_CLIENT.utf8CString).withUnsafeBufferPointer {
            let purpose = unsafe UnsafeMutableRawPointer(mutating: $0.baseAddress)?
                .assumingMemoryBound(to: UInt8.self)
            // Of a size of 0 GnuTLS takes the text's own.
            var demand = unsafe gnutls_typed_vdata_st(
                type: GNUTLS_DT_KEY_PURPOSE_OID, data: purpose, size: 0)
            return unsafe gnutls_certificate_verify_peers(session, &demand, 1, &status)
        }
        return code == 0 && status == 0
    }

    /// The alternative names in the client's own certificate: DNS names, e-mail addresses, URIs, and IP
    /// addresses in their usual spelling.
    private func names(in session: OpaquePointer) -> [[UInt8]] {
        var count: CUnsignedInt = 0
        var allocated: gnutls_x509_crt_t?
        guard let list = unsafe gnutls_certificate_get_peers(session, &count), count > 0,
            unsafe gnutls_x509_crt_init(&allocated) == 0, let certificate = unsafe allocated
        else { return [] }
        defer { unsafe gnutls_x509_crt_deinit(certificate) }
        guard unsafe gnutls_x509_crt_import(certificate, list, GNUTLS_X509_FMT_DER) == 0 else {
            return []
        }
        var names: [[UInt8]] = []
        var index: CUnsignedInt = 0
        while let (type, bytes) = unsafe name(index, of: certificate) {
            if let name = spelling(of: bytes, type) { names.append(name) }
            index += 1
        }
        return names
    }

    /// Nil after the last one, and from one on that is too long for any configuration.
    private func name(
        _ index: CUnsignedInt, of certificate: OpaquePointer
    ) -> (CUnsignedInt, [UInt8])? {
        let byteCountMax = 4096
        var bytes = [UInt8](repeating: 0, count: byteCountMax)
        var byteCount = byteCountMax
        var type: CUnsignedInt = 0
        let code = unsafe gnutls_x509_crt_get_subject_alt_name2(
            certificate, index, &bytes, &byteCount, &type, nil)
        return code >= 0 ? (type, Array(bytes.prefix(byteCount))) : nil
    }
}

/// Nil for kinds of names that no configuration can hold, and for texts with a NUL in them, which are
/// somebody's trick.
private func spelling(of name: [UInt8], _ type: CUnsignedInt) -> [UInt8]? {
    switch gnutls_x509_subject_alt_name_t(rawValue: type) {
    case GNUTLS_SAN_DNSNAME, GNUTLS_SAN_RFC822NAME, GNUTLS_SAN_URI:
        return name.contains(0) ? nil : name
    case GNUTLS_SAN_IPADDRESS:
        guard name.count == 4 || name.count == 16 else { return nil }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = name.count == 4 ? AF_INET : AF_INET6
        guard unsafe inet_ntop(family, name, &text, socklen_t(text.count)) != nil else {
            return nil
        }
        return text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
    default:
        return nil
    }
}
