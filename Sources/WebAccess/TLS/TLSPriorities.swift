import CGnuTLS
import WebConfiguration

/// Versions, suites and curves, as a priority string of GnuTLS (GnuTLS manual, "Priority
/// strings").
struct TLSPriorities {
    let text: String

    /// - Parameter key: The algorithm of the server's key: suites for others are never chosen.
    init(_ configuration: TLSConfiguration, key: gnutls_pk_algorithm_t) throws(TLSProblem) {
        let suites = try SuiteChoice(configuration, key: key)
        var words = ["NORMAL", "-VERS-ALL"]
        words += TLSVersion.allCases.reversed()
            .filter { configuration.minVersion <= $0 && $0 <= configuration.maxVersion }
            .filter { $0 != .tls13 || suites.servesTLS13 }
            .map(\.word)
        words += suites.words
        if !configuration.curves.isEmpty {
            words += ["-GROUP-ALL"] + configuration.curves.map(\.word)
        }
        if configuration.prefersServerCipherSuites { words.append("%SERVER_PRECEDENCE") }
        text = words.joined(separator: ":")
    }

    /// GnuTLS' form of it, which the caller frees.
    func make() throws(TLSProblem) -> OpaquePointer {
        var priorities: gnutls_priority_t?
        let code = unsafe gnutls_priority_init(&priorities, text, nil)
        guard code == 0, let priorities = unsafe priorities else {
            throw TLSProblem("cipher_suites", "GnuTLS does not take \(text)", code: code)
        }
        return unsafe priorities
    }
}

/// The suites of versions up to 1.2.
///
/// GnuTLS chooses key exchange and cipher apart, so it serves every pair of those that are listed. A
/// list that leaves such a pair out is refused: it would be served, and was not asked for.
private struct SuiteChoice {
    let words: [String]
    /// TLS 1.3 has suites of its own, of the same ciphers; the old ones among them it does not know.
    let servesTLS13: Bool

    init(_ configuration: TLSConfiguration, key: gnutls_pk_algorithm_t) throws(TLSProblem) {
        let parts = configuration.cipherSuites.compactMap(\.parts)
        guard !parts.isEmpty, configuration.minVersion < .tls13 else {
            // Without forward secrecy only for those who ask for it, as Go has it.
            words = ["-RSA", "-DHE-RSA"]
            servesTLS13 = true
            return
        }
        let usable = parts.filter { $0.isServed(by: key) }
        guard !usable.isEmpty else {
            throw TLSProblem("cipher_suites", "none of them can be served by the server's key")
        }
        let exchanges = usable.map(\.exchange).withoutRepetition
        let ciphers = usable.map(\.cipher).withoutRepetition
        for exchange in exchanges {
            for cipher in ciphers
            where !usable.contains(where: { $0.exchange == exchange && $0.cipher == cipher }) {
                throw TLSProblem(
                    "cipher_suites",
                    "GnuTLS would also serve \(exchange) with \(cipher); list that suite too, or "
                        + "leave out one that brings its half")
            }
        }
        let isAnyAuthenticated = usable.contains(where: \.isAuthenticated)
        servesTLS13 = isAnyAuthenticated
        words =
            ["-KX-ALL", "-CIPHER-ALL", "-MAC-ALL"] + exchanges.map { "+\($0)" }
            + ciphers.map { "+\($0)" } + (isAnyAuthenticated ? ["+AEAD"] : [])
            + (usable.allSatisfy(\.isAuthenticated) ? [] : ["+SHA1"])
    }
}

/// A suite as GnuTLS names its parts.
private struct SuiteParts {
    let exchange: String
    let cipher: String

    /// Whether cipher and integrity are one: those with another have SHA1.
    var isAuthenticated: Bool { !cipher.hasSuffix("-CBC") }

    func isServed(by key: gnutls_pk_algorithm_t) -> Bool {
        switch key {
        case GNUTLS_PK_RSA, GNUTLS_PK_RSA_PSS: exchange != "ECDHE-ECDSA"
        case GNUTLS_PK_ECDSA, GNUTLS_PK_EDDSA_ED25519, GNUTLS_PK_EDDSA_ED448:
            exchange == "ECDHE-ECDSA"
        default: true
        }
    }
}

extension CipherSuite {
    /// Nil for those of TLS 1.3, which chooses by itself.
    fileprivate var parts: SuiteParts? {
        let name = rawValue.dropFirst("TLS_".count)
        guard let with = name.ranges(of: "_WITH_").first else { return nil }
        let cipher: String
        switch name[with.upperBound...] {
        case "AES_128_GCM_SHA256": cipher = "AES-128-GCM"
        case "AES_256_GCM_SHA384": cipher = "AES-256-GCM"
        case "CHACHA20_POLY1305_SHA256": cipher = "CHACHA20-POLY1305"
        case "AES_128_CBC_SHA": cipher = "AES-128-CBC"
        default: cipher = "AES-256-CBC"
        }
        let exchange = name[..<with.lowerBound].map { $0 == "_" ? "-" : $0 }
        return SuiteParts(exchange: String(exchange), cipher: cipher)
    }
}

extension TLSVersion {
    fileprivate var word: String {
        switch self {
        case .tls10: "+VERS-TLS1.0"
        case .tls11: "+VERS-TLS1.1"
        case .tls12: "+VERS-TLS1.2"
        case .tls13: "+VERS-TLS1.3"
        }
    }
}

extension Curve {
    fileprivate var word: String {
        switch self {
        case .p256: "+GROUP-SECP256R1"
        case .p384: "+GROUP-SECP384R1"
        case .p521: "+GROUP-SECP521R1"
        case .x25519: "+GROUP-X25519"
        }
    }
}

extension [String] {
    fileprivate var withoutRepetition: [String] {
        reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
