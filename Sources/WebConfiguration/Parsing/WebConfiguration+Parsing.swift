import Configuration

extension WebConfiguration {
    /// Reads a configuration's text. An empty one is plain HTTP for everybody.
    ///
    /// - Parameter path: The file's own: errors name it, and relative paths begin in its directory.
    package init(parsing bytes: [UInt8], path: String) throws(WebConfigurationError) {
        do throws(ConfigurationProblem) {
            try self.init(try YAMLReader.read(bytes), directory: directory(of: path))
        } catch {
            throw WebConfigurationError(path: path, error)
        }
    }

    private init(_ document: YAMLNode?, directory: String) throws(ConfigurationProblem) {
        let whole = try YAMLSection(
            document, name: nil,
            keys: ["tls_server_config", "http_server_config", "basic_auth_users", "rate_limit"])
        tls = try TLSConfiguration(whole["tls_server_config"], directory: directory)
        try readHTTP(whole["http_server_config"])
        rateLimit = try RateLimit(whole["rate_limit"])
        users = try UserList(whole["basic_auth_users"])
    }

    private mutating func readHTTP(_ node: YAMLNode?) throws(ConfigurationProblem) {
        let section = try YAMLSection(node, name: "http_server_config", keys: ["http2", "headers"])
        if try section.truth("http2") == true {
            remarks.append("http_server_config.http2: HTTP/2 is not offered; clients use HTTP/1.1")
        }
        headers = try ResponseHeader.list(section["headers"])
    }
}

extension RateLimit {
    /// Nil where there is no limit.
    fileprivate init?(_ node: YAMLNode?) throws(ConfigurationProblem) {
        let section = try YAMLSection(node, name: "rate_limit", keys: ["interval", "burst"])
        let burst = try Self.burst(section)
        guard let text = try section.text("interval") else { return nil }
        guard let seconds = goDurationSeconds(text), seconds >= 0 else {
            throw section.problem(
                "interval", "must be a time like 500ms, 1s or 1m30s, not \(excerpt(text))")
        }
        guard seconds > 0 else { return nil }
        guard let burst, burst > 0 else {
            throw section.problem("burst", "must be at least 1, or no request would be answered")
        }
        self.init(intervalSeconds: seconds, burst: burst)
    }

    private static func burst(_ section: YAMLSection) throws(ConfigurationProblem) -> Int? {
        guard let text = try section.text("burst") else { return nil }
        guard let burst = UInt32(text) else {
            throw section.problem("burst", "must be a whole number, not \(excerpt(text))")
        }
        return Int(burst)
    }
}

extension UserList {
    fileprivate init(_ node: YAMLNode?) throws(ConfigurationProblem) {
        self.init()
        guard let node, !node.isNull else { return }
        guard case .mapping(let entries) = node.content else {
            throw ConfigurationProblem(
                line: node.line, key: "basic_auth_users",
                "must be a mapping of names to hashes, not \(node.kind)")
        }
        for entry in entries { add(entry.key, try Self.hash(entry)) }
    }

    private static func hash(_ entry: YAMLEntry) throws(ConfigurationProblem) -> BcryptHash {
        func problem(_ text: String) -> ConfigurationProblem {
            ConfigurationProblem(
                line: entry.line, key: "basic_auth_users.\(excerpt(entry.key))", text)
        }
        guard !entry.key.utf8.contains(UInt8(ascii: ":")) else {
            throw problem("a name with a colon cannot log in (RFC 7617)")
        }
        guard case .scalar(let scalar) = entry.value.content else {
            throw problem("must be a bcrypt hash, not \(entry.value.kind)")
        }
        do throws(BcryptHash.Refusal) {
            return try BcryptHash(scalar.text)
        } catch {
            throw problem(error.explanation)
        }
    }
}

/// The directory part of a path, as dirname(1) has it.
private func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}
