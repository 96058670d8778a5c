import CGnuTLS
package import WebConfiguration

/// GnuTLS' objects for one TLS configuration, ready for any number of sessions.
///
/// Unchecked: it never changes, and GnuTLS only reads what sessions share.
@safe package final class TLSContext: @unchecked Sendable {
    private let credentials: OpaquePointer
    private let priorities: OpaquePointer
    private let request: gnutls_certificate_request_t
    /// Whether a client must send a certificate.
    let isRequiring: Bool
    /// Whether a client's certificate must descend from the client CA.
    let isVerifying: Bool
    /// Names of which a client's certificate must hold one; nil is any.
    let allowedNames: Set<[UInt8]>?

    /// - Parameter path: The configuration's own, for errors.
    package init(
        _ configuration: TLSConfiguration, _ material: TLSMaterial, path: String
    ) throws(WebConfigurationError) {
        let parts: Parts
        do throws(TLSProblem) {
            parts = try Parts(configuration, material)
        } catch {
            throw WebConfigurationError(
                path: path, key: "tls_server_config.\(error.key)", problem: error.text)
        }
        unsafe credentials = parts.credentials
        unsafe priorities = parts.priorities
        isRequiring = configuration.clientAuthentication.requires
        isVerifying = configuration.clientAuthentication.verifies
        allowedNames = configuration.allowedClientSANs.map(Set.init)
        request =
            switch configuration.clientAuthentication {
            case .none: GNUTLS_CERT_IGNORE
            case .request, .verifyIfGiven: GNUTLS_CERT_REQUEST
            case .requireAny, .requireAndVerify: GNUTLS_CERT_REQUIRE
            }
    }

    deinit {
        unsafe gnutls_priority_deinit(priorities)
        unsafe gnutls_certificate_free_credentials(credentials)
    }

    /// Sets a session up. The session must not outlive this object.
    ///
    /// Sessions are never resumed, since no tickets are sent: the settings in force check each client's
    /// certificate.
    func secure(_ session: OpaquePointer) {
        unsafe gnutls_credentials_set(
            session, GNUTLS_CRD_CERTIFICATE, UnsafeMutableRawPointer(credentials))
        unsafe gnutls_priority_set(session, priorities)
        unsafe gnutls_certificate_server_set_request(session, request)
        unsafe gnutls_session_set_ptr(session, Unmanaged.passUnretained(self).toOpaque())
        if isVerifying || allowedNames != nil {
            unsafe gnutls_session_set_verify_function(session, verifyClient)
        }
    }
}

/// What is wrong with a key of `tls_server_config`.
struct TLSProblem: Error {
    let key: String
    let text: String

    init(_ key: String, _ text: String) {
        self.key = key
        self.text = text
    }

    /// With GnuTLS' own words for a negative code.
    init(_ key: String, _ text: String, code: CInt) {
        let cause = unsafe gnutls_strerror(code).map { unsafe String(cString: $0) }
        self.init(key, "\(text): \(cause ?? "error \(code)")")
    }
}

extension TLSContext {
    /// GnuTLS' objects while they are made: freed if anything fails.
    @safe private struct Parts {
        let credentials: OpaquePointer
        let priorities: OpaquePointer

        init(
            _ configuration: TLSConfiguration, _ material: TLSMaterial
        ) throws(TLSProblem) {
            var allocated: gnutls_certificate_credentials_t?
            let code = unsafe gnutls_certificate_allocate_credentials(&allocated)
            guard code == 0, let credentials = unsafe allocated else {
                throw TLSProblem("cert_file", "there is no memory for it", code: code)
            }
            do throws(TLSProblem) {
                try unsafe Self.load(material, into: credentials)
                unsafe priorities = try TLSPriorities(
                    configuration, key: keyAlgorithm(of: credentials)
                ).make()
                unsafe self.credentials = credentials
            } catch {
                unsafe gnutls_certificate_free_credentials(credentials)
                throw error
            }
        }

        private static func load(
            _ material: TLSMaterial, into credentials: OpaquePointer
        ) throws(TLSProblem) {
            let code = unsafe withDatum(material.certificate) { certificate in
                unsafe withDatum(material.key) { key in
                    unsafe gnutls_certificate_set_x509_key_mem(
                        credentials, certificate, key, GNUTLS_X509_FMT_PEM)
                }
            }
            guard code >= 0 else {
                throw TLSProblem("cert_file", "certificate and key cannot be used", code: code)
            }
            guard let authority = material.clientCA else { return }
            let count = unsafe withDatum(authority) {
                unsafe gnutls_certificate_set_x509_trust_mem(credentials, $0, GNUTLS_X509_FMT_PEM)
            }
            guard count >= 0 else {
                throw TLSProblem("client_ca_file", "cannot be used", code: count)
            }
            guard count > 0 else {
                throw TLSProblem("client_ca_file", "there is no certificate in it")
            }
        }
    }
}

/// The algorithm of the server's key, which decides what suites it can serve.
private func keyAlgorithm(of credentials: OpaquePointer) -> gnutls_pk_algorithm_t {
    var list: UnsafeMutablePointer<gnutls_x509_crt_t?>?
    var count: CUnsignedInt = 0
    guard unsafe gnutls_certificate_get_x509_crt(credentials, 0, &list, &count) == 0,
        let certificates = unsafe list
    else { return GNUTLS_PK_UNKNOWN }
    defer {
        for index in 0..<Int(count) { unsafe gnutls_x509_crt_deinit(certificates[index]) }
        unsafe CGnuTLS_free(certificates)
    }
    guard count > 0 else { return GNUTLS_PK_UNKNOWN }
    let code = unsafe gnutls_x509_crt_get_pk_algorithm(certificates[0], nil)
    return gnutls_pk_algorithm_t(rawValue: UInt32(max(code, 0)))
}

/// Calls a closure with the bytes as GnuTLS wants them; it does not write to them.
private func withDatum<Result>(
    _ bytes: [UInt8], _ body: (UnsafePointer<gnutls_datum_t>) -> Result
) -> Result {
    unsafe bytes.withUnsafeBufferPointer { buffer in
        let start = unsafe UnsafeMutablePointer(mutating: buffer.baseAddress)
        var datum = unsafe gnutls_datum_t(data: start, size: CUnsignedInt(buffer.count))
        return unsafe body(&datum)
    }
}
