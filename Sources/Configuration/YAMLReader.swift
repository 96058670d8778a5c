/// Reads one YAML document as libyaml does, without what a configuration does not need: several
/// documents, aliases (a few lines of them can stand for gigabytes), merge keys and type tags.
package struct YAMLReader: ~Copyable {
    /// A web configuration nests three deep, a module map two.
    private static let depthMax = 8

    private var events: YAMLEvents

    /// The document, or nil where there is none.
    package static func read(_ bytes: [UInt8]) throws(ConfigurationProblem) -> YAMLNode? {
        var outcome: Result<YAMLNode?, ConfigurationProblem> = .success(nil)
        unsafe bytes.withUnsafeBufferPointer { buffer in
            do throws(ConfigurationProblem) {
                outcome = .success(unsafe try readDocument(buffer))
            } catch {
                outcome = .failure(error)
            }
        }
        return try outcome.get()
    }

    private static func readDocument(
        _ bytes: UnsafeBufferPointer<UInt8>
    ) throws(ConfigurationProblem) -> YAMLNode? {
        guard let events = unsafe YAMLEvents(bytes) else {
            throw ConfigurationProblem("out of memory")
        }
        var reader = YAMLReader(events: events)
        return try reader.readStream()
    }

    private init(events: consuming YAMLEvents) {
        self.events = events
    }

    private mutating func readStream() throws(ConfigurationProblem) -> YAMLNode? {
        var document: YAMLNode?
        var documentCount = 0
        while true {
            let event = try events.next()
            switch event.content {
            case .streamEnd: return document
            case .documentStart:
                documentCount += 1
                guard documentCount == 1 else {
                    throw ConfigurationProblem(
                        line: event.line, "a second document begins; there must be one only")
                }
                document = try readNode(try events.next(), depth: 0)
            default: continue
            }
        }
    }

    private mutating func readNode(
        _ event: YAMLEvents.Event, depth: Int
    ) throws(ConfigurationProblem) -> YAMLNode {
        guard depth <= Self.depthMax else {
            throw ConfigurationProblem(line: event.line, "nested too deeply")
        }
        guard !event.isTagged else {
            throw ConfigurationProblem(
                line: event.line, "type tags (!) are not taken; quote the value instead")
        }
        let content: YAMLNode.Content =
            switch event.content {
            case .scalar(let scalar): .scalar(scalar)
            case .sequenceStart: .sequence(try readSequence(depth: depth))
            case .mappingStart: .mapping(try readMapping(depth: depth))
            default:
                throw ConfigurationProblem(
                    line: event.line, "aliases (*) are not taken; write the value out")
            }
        return YAMLNode(line: event.line, content: content)
    }

    private mutating func readSequence(
        depth: Int
    ) throws(ConfigurationProblem) -> [YAMLNode] {
        var elements: [YAMLNode] = []
        while true {
            let event = try events.next()
            if case .sequenceEnd = event.content { return elements }
            elements.append(try readNode(event, depth: depth + 1))
        }
    }

    private mutating func readMapping(
        depth: Int
    ) throws(ConfigurationProblem) -> [YAMLEntry] {
        var entries: [YAMLEntry] = []
        // By bytes: equal strings can be spelled by different ones.
        var keys: Set<[UInt8]> = []
        while true {
            let event = try events.next()
            if case .mappingEnd = event.content { return entries }
            let key = try Self.key(try readNode(event, depth: depth + 1))
            guard keys.insert(Array(key.utf8)).inserted else {
                throw ConfigurationProblem(
                    line: event.line, "the key \(excerpt(key)) is there already")
            }
            let value = try readNode(try events.next(), depth: depth + 1)
            entries.append(YAMLEntry(key: key, line: event.line, value: value))
        }
    }

    private static func key(_ node: YAMLNode) throws(ConfigurationProblem) -> String {
        guard case .scalar(let scalar) = node.content else {
            throw ConfigurationProblem(
                line: node.line, "a key must be a single value, not \(node.kind)")
        }
        guard !(scalar.isPlain && scalar.text == "<<") else {
            throw ConfigurationProblem(line: node.line, "merge keys (<<) are not taken")
        }
        return scalar.text
    }
}
