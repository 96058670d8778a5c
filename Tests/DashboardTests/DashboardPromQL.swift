import Foundation

/// A query language that is read only as far as the dashboards use it: every metric has braces.
struct PromQL {
    /// A metric with its matchers, as in `rate(NAME{LABEL="VALUE"}[RANGE])`.
    struct Selector {
        let name: String
        /// The matchers as they are written, by their labels.
        let matchers: [String: String]
        /// What stands in the brackets after it; empty without.
        let range: String
        /// The function right before it; empty without.
        let function: String
    }

    let text: String
    let selectors: [Selector]
    /// The labels that `by`, `on`, `ignoring` and `group_left` name.
    let groupingLabels: Set<String>
    /// The words that are neither metric nor label: functions, operators.
    let words: Set<String>

    init(_ text: String) {
        self.text = text
        let selector =
            /(?:([a-z_]+)\()?\b([a-zA-Z_:][a-zA-Z0-9_:]*)\{([^}]*)\}(?:\[([^\]]*)\])?/
        selectors = text.matches(of: selector).map { match in
            Selector(
                name: String(match.2), matchers: Self.matchers(String(match.3)),
                range: String(match.4 ?? ""), function: String(match.1 ?? ""))
        }
        let grouping = /\b(?:by|on|ignoring|group_left)\s*\(([^)]*)\)/
        groupingLabels = Set(
            text.matches(of: grouping).flatMap { match in
                match.1.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            })
        let rest =
            text
            .replacing(/\b[a-zA-Z_:][a-zA-Z0-9_:]*\{[^}]*\}(\[[^\]]*\])?/, with: " ")
            .replacing(/\b(by|on|ignoring|group_left)\s*\([^)]*\)/, with: " ")
        words = Set(rest.matches(of: /[a-zA-Z_:][a-zA-Z0-9_:]*/).map { String($0.output) })
    }

    private static func matchers(_ text: String) -> [String: String] {
        let written = text.matches(of: /([a-zA-Z_]+)((?:=~|!~|!=|=)"[^"]*")/)
        return written.reduce(into: [:]) { $0[String($1.1)] = String($1.2) }
    }
}

/// The values that Grafana substitutes for variables.
struct Substitution {
    /// The chosen values, by the variable's name; where a variable is missing, its "All".
    let chosen: [String: [String]]

    /// A query as Grafana sends it: `$name` of a variable with several values becomes one regular
    /// expression, the intervals become those of a panel that shows a minute.
    func expand(_ text: String, of dashboard: Dashboard) -> String {
        var expanded = text.replacing("$__rate_interval", with: "10s")
            .replacing("$__interval", with: "1s").replacing("$__range", with: "1m")
        // Longer names first, so that none is taken for the beginning of another.
        for variable in dashboard.variables.sorted(by: { $0.name.count > $1.name.count }) {
            expanded = expanded.replacing("$" + variable.name, with: value(of: variable))
        }
        return expanded
    }

    private func value(of variable: Variable) -> String {
        guard let values = chosen[variable.name] else { return variable.allValue ?? ".*" }
        let escaped = values.map(Self.escape)
        return escaped.count == 1 ? escaped[0] : "(" + escaped.joined(separator: "|") + ")"
    }

    /// As Grafana's data source for Prometheus does it: for a regular expression in a string.
    private static func escape(_ value: String) -> String {
        value.replacing("\\", with: #"\\\\"#)
            .replacing(/[$^*{}\[\]'+?.()|]/) { #"\\"# + $0.output }
    }
}
