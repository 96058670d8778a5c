/// A mapping of which every key is known: how configuration is read from YAML.
///
/// An absent key and a key without a value are the default, as in the exporter-toolkit.
package struct YAMLSection {
    private let name: String?
    private let entries: [String: YAMLEntry]
    /// Where the section begins; nil where it is absent.
    package let line: Int?

    /// - Parameters:
    ///   - name: The section's key; nil for the whole document.
    ///   - keys: All that may be in it.
    package init(
        _ node: YAMLNode?, name: String?, keys: [String]
    ) throws(ConfigurationProblem) {
        self.name = name
        let all = try Self.mapping(node, name)
        for entry in all where !keys.contains(entry.key) {
            let known = keys.joined(separator: ", ")
            throw ConfigurationProblem(
                line: entry.line, key: name, "unknown key \(excerpt(entry.key)); known are \(known)"
            )
        }
        let present = all.filter { !$0.value.isNull }
        entries = Dictionary(present.map { ($0.key, $0) }) { first, _ in first }
        line = all.isEmpty ? nil : node?.line
    }

    /// Whether nothing is set.
    package var isEmpty: Bool { entries.isEmpty }

    /// The value of a key, whatever it is.
    package subscript(_ key: String) -> YAMLNode? { entries[key]?.value }

    /// A text; nil where it is absent or blank.
    package func text(_ key: String) throws(ConfigurationProblem) -> String? {
        guard let node = self[key] else { return nil }
        let text = try scalar(node, key).text
        return text.isEmpty ? nil : text
    }

    /// A truth value.
    package func truth(_ key: String) throws(ConfigurationProblem) -> Bool? {
        guard let node = self[key] else { return nil }
        guard let truth = try scalar(node, key).truth else {
            throw problem(key, "must be true or false")
        }
        return truth
    }

    /// A list of texts; nil where it is absent.
    package func texts(_ key: String) throws(ConfigurationProblem) -> [String]? {
        guard let node = self[key] else { return nil }
        guard case .sequence(let elements) = node.content else {
            throw problem(key, "must be a list, not \(node.kind)")
        }
        var texts: [String] = []
        for element in elements { texts.append(try scalar(element, key).text) }
        return texts
    }

    /// One of the names of a closed set; nil where it is absent.
    package func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _: Choice.Type, _ key: String
    ) throws(ConfigurationProblem) -> Choice? {
        guard let text = try text(key) else { return nil }
        return try choice(text, key)
    }

    /// A list of names of a closed set; none where it is absent.
    package func choices<Choice: RawRepresentable<String> & CaseIterable>(
        _: Choice.Type, _ key: String
    ) throws(ConfigurationProblem) -> [Choice] {
        var choices: [Choice] = []
        for text in try texts(key) ?? [] { choices.append(try choice(text, key)) }
        return choices
    }

    /// What is wrong with a key of this section.
    package func problem(_ key: String, _ text: String) -> ConfigurationProblem {
        let path = name.map { "\($0).\(key)" } ?? key
        return ConfigurationProblem(line: entries[key]?.line ?? line, key: path, text)
    }

    private func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ text: String, _ key: String
    ) throws(ConfigurationProblem) -> Choice {
        guard let choice = Choice(rawValue: text) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw problem(key, "unknown value \(excerpt(text)); known are \(names)")
        }
        return choice
    }

    private func scalar(
        _ node: YAMLNode, _ key: String
    ) throws(ConfigurationProblem) -> YAMLScalar {
        guard case .scalar(let scalar) = node.content else {
            throw problem(key, "must be a single value, not \(node.kind)")
        }
        return scalar
    }

    private static func mapping(
        _ node: YAMLNode?, _ name: String?
    ) throws(ConfigurationProblem) -> [YAMLEntry] {
        guard let node, !node.isNull else { return [] }
        guard case .mapping(let entries) = node.content else {
            throw ConfigurationProblem(
                line: node.line, key: name, "must be a mapping, not \(node.kind)")
        }
        return entries
    }
}
