import MetricsServer

/// The collectors that one request is about: `collect[]` and `exclude[]`, each repeatable, by the
/// rules of node_exporter.
///
/// The choice leaves out of the answer what the one shared scrape has read anyway. Choosing before
/// the table is read would make scrapers with different choices wait for a pass each, and one pass
/// for all is cheaper than any two.
///
/// Where node_exporter lets an unknown `exclude[]` pass, this refuses it: a misspelt name would
/// leave everything in. And where all collectors are excluded there nothing is, here none is left.
struct CollectorChoice {
    /// Why there is no answer, for the client to read.
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    /// What is to be given, of the collectors that are switched on.
    let names: Set<CollectorName>

    /// - Parameters:
    ///   - query: The request's; names other than these two are nobody's business.
    ///   - enabled: The collectors that are switched on.
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
        return "unknown collector in \(parameter): '\(printable(value))'; known are \(known)"
    }

    /// The client's own words come back to it in visible ASCII, so that they are a line of text to
    /// whatever shows them, and cut.
    private static func printable(_ text: String) -> String {
        let scalarsMax = 64
        let scalars = text.unicodeScalars.prefix(scalarsMax).map {
            (0x20...0x7E).contains($0.value) ? $0 : "?"
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
