import Configuration

extension ResponseHeader {
    /// The headers that may be set, and the values of those that have no others: the toolkit's list.
    private static let known: [(name: String, values: [String])] = [
        ("Strict-Transport-Security", []),
        ("X-Content-Type-Options", ["nosniff"]),
        ("X-Frame-Options", ["deny", "sameorigin"]),
        ("X-XSS-Protection", []),
        ("Content-Security-Policy", []),
    ]

    /// Bytes of all names and values together: a response's headers have 10 KiB of memory, and some are in
    /// every response.
    private static let byteCountMax = 8 * 1024

    /// The key `http_server_config.headers`. A blank value leaves its header out.
    static func list(_ node: YAMLNode?) throws(ConfigurationProblem) -> [ResponseHeader] {
        let section = try YAMLSection(
            node, name: "http_server_config.headers", keys: known.map(\.name))
        var headers: [ResponseHeader] = []
        for (name, values) in known.sorted(by: { $0.name < $1.name }) {
            guard section[name] != nil else { continue }
            let value = try section.text(name) ?? ""
            guard values.isEmpty || values.contains(value) else {
                throw section.problem(
                    name, "must be \(values.joined(separator: " or ")), not \(excerpt(value))")
            }
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
                throw section.problem(name, "must hold no line break and no control character")
            }
            if value.utf8.contains(where: { $0 != 0x20 }) {
                headers.append(ResponseHeader(name: name, value: value))
            }
        }
        try checkSize(headers)
        return headers
    }

    private static func checkSize(
        _ headers: [ResponseHeader]
    ) throws(ConfigurationProblem) {
        let byteCount = headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        guard byteCount <= byteCountMax else {
            throw ConfigurationProblem(
                key: "http_server_config.headers",
                "they have \(byteCount) bytes together; \(byteCountMax) are the most")
        }
    }
}
