/// The section `tls_server_config`.
package struct TLSConfiguration: Sendable, Equatable {
    /// The server's certificate, then those of its issuers.
    package var certificate: PEMSource
    package var key: PEMSource
    /// Certificates that a client's must descend from.
    package var clientCA: PEMSource?
    package var clientAuthentication = ClientAuthentication.none
    /// A client's certificate must hold one of these names (DNS name, e-mail address, IP address or
    /// URI) in exactly this spelling; nil is any name.
    /// As bytes: as strings, names that are spelled differently could be equal.
    package var allowedClientSANs: [[UInt8]]?
    package var minVersion = TLSVersion.tls12
    package var maxVersion = TLSVersion.tls13
    /// For versions up to 1.2, the preferred first; empty is the library's choice. As in Go, TLS 1.3
    /// chooses by itself.
    package var cipherSuites: [CipherSuite] = []
    /// For key exchange, the preferred first; empty is the library's choice.
    package var curves: [Curve] = []
    /// Whether the server's order of suites counts, and not the client's.
    package var prefersServerCipherSuites = true

    package init(certificate: PEMSource, key: PEMSource) {
        self.certificate = certificate
        self.key = key
    }
}

/// Where certificates or keys in the PEM format are.
package enum PEMSource: Sendable, Hashable {
    /// The path, resolved from the configuration's directory.
    case file(String)
    case inline(String)
}

/// Which certificate clients must send; the names are Go's `tls.ClientAuthType`.
package enum ClientAuthentication: String, CaseIterable, Sendable {
    case none = "NoClientCert"
    /// A certificate is requested, and not verified.
    case request = "RequestClientCert"
    /// A certificate is required, of any issuer.
    case requireAny = "RequireAnyClientCert"
    /// A certificate, if sent, must descend from the client CA.
    case verifyIfGiven = "VerifyClientCertIfGiven"
    case requireAndVerify = "RequireAndVerifyClientCert"

    /// Whether a certificate is verified with the client CA.
    package var verifies: Bool { self == .verifyIfGiven || self == .requireAndVerify }
    /// Whether there is no connection without a certificate.
    package var requires: Bool { self == .requireAny || self == .requireAndVerify }
}

/// Versions of the protocol, in their order.
package enum TLSVersion: String, CaseIterable, Sendable, Comparable {
    case tls10 = "TLS10"
    case tls11 = "TLS11"
    case tls12 = "TLS12"
    case tls13 = "TLS13"

    package static func < (one: TLSVersion, other: TLSVersion) -> Bool {
        one.rawValue < other.rawValue
    }
}

/// Curves by Go's names.
package enum Curve: String, CaseIterable, Sendable {
    case p256 = "CurveP256"
    case p384 = "CurveP384"
    case p521 = "CurveP521"
    case x25519 = "X25519"
}

/// Cipher suites by the names of IANA's registry, which are Go's: all that its `tls.CipherSuites()`
/// has ever held.
package enum CipherSuite: String, CaseIterable, Sendable {
    case aes128GCM = "TLS_AES_128_GCM_SHA256"
    case aes256GCM = "TLS_AES_256_GCM_SHA384"
    case chaCha20 = "TLS_CHACHA20_POLY1305_SHA256"
    case ecdheECDSAWithAES128GCM = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
    case ecdheECDSAWithAES256GCM = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
    case ecdheECDSAWithChaCha20 = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"
    case ecdheECDSAWithAES128CBC = "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"
    case ecdheECDSAWithAES256CBC = "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"
    case ecdheRSAWithAES128GCM = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    case ecdheRSAWithAES256GCM = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
    case ecdheRSAWithChaCha20 = "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
    case ecdheRSAWithAES128CBC = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"
    case ecdheRSAWithAES256CBC = "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"
    case rsaWithAES128GCM = "TLS_RSA_WITH_AES_128_GCM_SHA256"
    case rsaWithAES256GCM = "TLS_RSA_WITH_AES_256_GCM_SHA384"
    case rsaWithAES128CBC = "TLS_RSA_WITH_AES_128_CBC_SHA"
    case rsaWithAES256CBC = "TLS_RSA_WITH_AES_256_CBC_SHA"
}
