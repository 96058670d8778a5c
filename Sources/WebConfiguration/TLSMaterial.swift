package import Configuration

/// The certificates and the key of a TLS configuration, in the PEM format. The TLS library
/// decides whether they can be used.
package struct TLSMaterial: Sendable, Equatable {
    package let certificate: [UInt8]
    package let key: [UInt8]
    /// Nil where no client CA is set.
    package let clientCA: [UInt8]?

    package init(certificate: [UInt8], key: [UInt8], clientCA: [UInt8]?) {
        self.certificate = certificate
        self.key = key
        self.clientCA = clientCA
    }
}

extension TLSConfiguration {
    /// The files that it names.
    package var paths: [String] {
        [certificate, key, clientCA].compactMap { source in
            if case .file(let path) = source { path } else { nil }
        }
    }

    /// Reads what the configuration names.
    ///
    /// - Parameter path: The configuration's own, for errors.
    package func material(
        path: String, _ files: ConfigurationFiles = .real
    ) throws(WebConfigurationError) -> TLSMaterial {
        func bytes(_ source: PEMSource, _ key: String) throws(WebConfigurationError) -> [UInt8] {
            switch source {
            case .inline(let text): return Array(text.utf8)
            case .file(let file):
                do throws(FileRefusal) {
                    return try files.read(file)
                } catch {
                    throw WebConfigurationError(
                        path: path, key: "tls_server_config.\(key)",
                        problem: "cannot read \(file): \(error.explanation)")
                }
            }
        }
        return TLSMaterial(
            certificate: try bytes(certificate, "cert_file"), key: try bytes(key, "key_file"),
            clientCA: try clientCA.map { source throws(WebConfigurationError) in
                try bytes(source, "client_ca_file")
            })
    }
}
