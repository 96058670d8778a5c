import Configuration

/// One attempt to read a configuration and all that it names.
struct WebConfigurationReading {
    /// Of each file before it was read, so that a later change is noticed.
    let identities: [String: FileIdentity?]
    let outcome: Result<(WebConfiguration, TLSMaterial?), WebConfigurationError>

    init(_ path: String, _ files: ConfigurationFiles) {
        var identities: [String: FileIdentity?] = [path: files.identify(path)]
        do throws(WebConfigurationError) {
            let configuration = try Self.configuration(path, files)
            for named in configuration.tls?.paths ?? [] {
                identities.updateValue(files.identify(named), forKey: named)
            }
            let material = try configuration.tls.map { tls throws(WebConfigurationError) in
                try tls.material(path: path, files)
            }
            outcome = .success((configuration, material))
        } catch {
            outcome = .failure(error)
        }
        self.identities = identities
    }

    private static func configuration(
        _ path: String, _ files: ConfigurationFiles
    ) throws(WebConfigurationError) -> WebConfiguration {
        let bytes: [UInt8]
        do throws(FileRefusal) {
            bytes = try files.read(path)
        } catch {
            throw WebConfigurationError(path: path, problem: error.explanation)
        }
        return try WebConfiguration(parsing: bytes, path: path)
    }
}
