import Configuration
import Patterns

extension ModuleMap {
    /// Reads the text of a module map. An empty one has no rules.
    ///
    /// - Parameter users: Finds a user's number by name.
    init(parsing bytes: [UInt8], users: (String) -> UInt32?) throws(ConfigurationProblem) {
        let whole = try YAMLSection(try YAMLReader.read(bytes), name: nil, keys: ["rules"])
        guard let node = whole["rules"] else { return }
        guard case .sequence(let elements) = node.content else {
            throw whole.problem("rules", "must be a list, not \(node.kind)")
        }
        guard elements.count <= Self.rulesMax else {
            throw whole.problem(
                "rules", "has \(elements.count) rules; \(Self.rulesMax) are the most")
        }
        for element in elements { rules.append(try ModuleRule(element, users: users)) }
    }
}

extension ModuleRule {
    private static let keys = ["name", "executable", "command", "user", "cgroup"]

    fileprivate init(
        _ node: YAMLNode, users: (String) -> UInt32?
    ) throws(ConfigurationProblem) {
        let section = try YAMLSection(node, name: "rules", keys: Self.keys)
        executable = try section.pattern("executable")
        command = try section.pattern("command")
        cgroup = try section.pattern("cgroup")
        userID = try section.userID(users)
        let patterns = [executable, command, cgroup].compactMap(\.self)
        guard userID != nil || !patterns.isEmpty else {
            throw ConfigurationProblem(
                line: node.line, key: "rules",
                "a rule must have executable, command, user or cgroup, or it would match everything"
            )
        }
        name = try section.template(
            groupCount: patterns.reduce(0) { $0 + $1.groupCount }, line: node.line)
    }
}

extension YAMLSection {
    fileprivate func pattern(_ key: String) throws(ConfigurationProblem) -> Pattern? {
        guard let text = try text(key) else { return nil }
        do throws(PatternError) {
            return try Pattern(text)
        } catch {
            throw problem(key, "\(excerpt(text)) is no regular expression: \(error.explanation)")
        }
    }

    fileprivate func template(
        groupCount: Int, line: Int
    ) throws(ConfigurationProblem) -> NameTemplate {
        guard let text = try text("name") else {
            throw ConfigurationProblem(line: line, key: "rules.name", "is missing")
        }
        guard text.utf8.count <= NameTemplate.byteCountMax else {
            throw problem("name", "is longer than \(NameTemplate.byteCountMax) bytes")
        }
        guard let template = NameTemplate(text) else {
            throw problem("name", "a $ must begin $1 or ${1}; $$ is a dollar")
        }
        guard template.highestGroup <= groupCount else {
            throw problem(
                "name",
                "refers to group \(template.highestGroup), but the rule's patterns have \(groupCount)"
            )
        }
        return template
    }

    fileprivate func userID(
        _ users: (String) -> UInt32?
    ) throws(ConfigurationProblem) -> UInt32? {
        guard let text = try text("user") else { return nil }
        if text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let id = UInt32(text) { return id }
        guard let id = users(text) else {
            throw problem("user", "\(excerpt(text)) is not in /etc/passwd; use the UID instead")
        }
        return id
    }
}
