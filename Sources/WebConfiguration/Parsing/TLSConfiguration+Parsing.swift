import Configuration

extension TLSConfiguration {
    private static let keys = [
        "cert", "key", "client_ca", "cert_file", "key_file", "client_ca_file", "client_auth_type",
        "client_allowed_sans", "min_version", "max_version", "cipher_suites",
        "prefer_server_cipher_suites", "curve_preferences",
    ]

    /// Nil where nothing is set, which is plain HTTP.
    init?(_ node: YAMLNode?, directory: String) throws(ConfigurationProblem) {
        let section = try YAMLSection(node, name: "tls_server_config", keys: Self.keys)
        let certificate = try section.source("cert", directory)
        let key = try section.source("key", directory)
        let clientCA = try section.source("client_ca", directory)
        guard !(try section.setsNothing) else { return nil }
        guard let certificate else {
            throw section.problem("cert_file", "is missing; without it there would be no TLS")
        }
        guard let key else { throw section.problem("key_file", "is missing") }
        self.init(certificate: certificate, key: key)
        self.clientCA = clientCA
        try readProtocol(section)
        try readClients(section)
    }

    private mutating func readProtocol(
        _ section: YAMLSection
    ) throws(ConfigurationProblem) {
        minVersion = try section.choice(TLSVersion.self, "min_version") ?? minVersion
        maxVersion = try section.choice(TLSVersion.self, "max_version") ?? maxVersion
        guard minVersion <= maxVersion else {
            throw section.problem(
                "max_version",
                "\(maxVersion.rawValue) is less than min_version \(minVersion.rawValue)")
        }
        cipherSuites = try section.choices(CipherSuite.self, "cipher_suites")
        curves = try section.choices(Curve.self, "curve_preferences")
        prefersServerCipherSuites = try section.truth("prefer_server_cipher_suites") ?? true
    }

    private mutating func readClients(_ section: YAMLSection) throws(ConfigurationProblem) {
        clientAuthentication = try section.clientAuthentication
        if clientCA != nil && clientAuthentication == .none {
            throw section.problem(
                "client_auth_type", "is missing: with a client CA, say what clients must show")
        }
        if clientCA == nil && clientAuthentication.verifies {
            throw section.problem(
                "client_auth_type",
                "\(clientAuthentication.rawValue) takes client_ca_file or client_ca; the "
                    + "system's authorities would let strangers in")
        }
        guard let names = try section.texts("client_allowed_sans") else { return }
        allowedClientSANs = names.map { Array($0.utf8) }
        guard clientAuthentication.requires else {
            throw section.problem(
                "client_allowed_sans",
                "takes a client_auth_type of RequireAnyClientCert or RequireAndVerifyClientCert")
        }
        guard !names.isEmpty, !names.contains("") else {
            throw section.problem("client_allowed_sans", "must name who is allowed")
        }
    }
}

extension YAMLSection {
    /// Whether all keys are absent or blank.
    fileprivate var setsNothing: Bool {
        get throws(ConfigurationProblem) {
            for key in ["cert", "key", "client_ca", "cert_file", "key_file", "client_ca_file"] {
                if try text(key) != nil { return false }
            }
            let others = [
                "client_auth_type", "client_allowed_sans", "min_version", "max_version",
                "cipher_suites", "prefer_server_cipher_suites", "curve_preferences",
            ]
            return others.allSatisfy { self[$0] == nil }
        }
    }

    /// The key `name` with the text itself, or `name_file` with a path.
    fileprivate func source(
        _ name: String, _ directory: String
    ) throws(ConfigurationProblem) -> PEMSource? {
        let fileKey = "\(name)_file"
        let (text, path) = (try text(name), try self.text(fileKey))
        if let text, path == nil { return .inline(text) }
        guard let path else { return nil }
        guard text == nil else { throw problem(fileKey, "stands beside \(name); choose one") }
        guard !path.utf8.contains(0) else { throw problem(fileKey, "must hold no NUL") }
        return .file(path.hasPrefix("/") ? path : "\(directory)/\(path)")
    }

    /// The toolkit still takes an older name of `RequireAnyClientCert`.
    fileprivate var clientAuthentication: ClientAuthentication {
        get throws(ConfigurationProblem) {
            if try text("client_auth_type") == "RequireClientCert" { return .requireAny }
            return try choice(ClientAuthentication.self, "client_auth_type") ?? .none
        }
    }
}
