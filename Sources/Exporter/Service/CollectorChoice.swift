import MetricsServer

/// The collectors that one request selects with `collect[]` and `exclude[]`, each repeatable, as in
/// node_exporter.
///
/// The selection filters the response, not the scrape: all requests share one scrape, which is
/// cheaper than one for each selection.
///
/// Unlike node_exporter, an unknown name in `exclude[]` is refused, because a misspelt name would
/// exclude nothing. Excluding all collectors excludes all of them.
struct CollectorChoice {
    /// Why a request is refused, as the client reads it.
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    /// The selected collectors, all of them enabled.
    let names: Set<CollectorName>

    /// - Parameters:
    ///   - query: The request's parameters. Other names are ignored.
    ///   - enabled: The collectors that are enabled.
    init(
        _ query: [(name: String, value: String)], of enabled: Set<CollectorName>
    ) throws(Refusal) {
        let collected = try Self.names(query, "collect[]")
        let excluded = try Self.names(query, "exclude[]")
        guard collected.isEmpty || excluded.isEmpty else {
            throw Refusal(description: "collect[] and exclude[] cannot be used together")
        }
        if let disabled = collected.first(where: { !enabled.contains($0) }) {
            throw Refusal(description: "disabled collector: \(disabled.rawValue)")
        }
        names = collected.isEmpty ? enabled.subtracting(excluded) : Set(collected)
    }

    private static func names(
        _ query: [(name: String, value: String)], _ parameter: String
    ) throws(Refusal) -> [CollectorName] {
        var names: [CollectorName] = []
        for (_, value) in query.filter({ $0.name == parameter }) {
            guard let name = CollectorName(rawValue: value) else {
                throw Refusal(description: unknown(value, parameter))
            }
            names.append(name)
        }
        return names
    }

    private static func unknown(_ value: String, _ parameter: String) -> String {
        let known = CollectorName.allCases.map(\.rawValue).sorted().joined(separator: ", ")
        return "unknown collector in \(parameter): '\(printable(value))' (available: \(known))"
    }

    /// The client's own text as one line of visible ASCII, cut to a maximum length.
    private static func printable(_ text: String) -> String {
        let scalarsMax = 64
        let scalars = text.unicodeScalars.prefix(scalarsMax).map {
            (0x20...0x7E).contains($0.value) ? $0 : "?"
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
