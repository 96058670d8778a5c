/// A part of a YAML document, with the line it begins on.
package struct YAMLNode {
    package enum Content {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        case mapping([YAMLEntry])
    }

    package let line: Int
    package let content: Content
}

/// One key of a mapping, with its value.
package struct YAMLEntry {
    package let key: String
    /// The line of the key.
    package let line: Int
    package let value: YAMLNode
}

/// A text, and whether it was written without quotes: only then can it mean something else than itself.
package struct YAMLScalar {
    package let text: String
    package let isPlain: Bool

    /// YAML 1.1's spellings of nothing at all.
    package var isNull: Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains(text) }

    /// YAML 1.1's spellings of a truth value (<https://yaml.org/type/bool.html>), all of which the
    /// exporter-toolkit takes; nil for anything else.
    package var truth: Bool? {
        guard isPlain else { return nil }
        let spellings = ["y", "yes", "true", "on", "n", "no", "false", "off"]
        let index = spellings.firstIndex { spelling in
            [
                spelling, spelling.uppercased(),
                spelling.prefix(1).uppercased() + spelling.dropFirst(),
            ]
            .contains(text)
        }
        return index.map { $0 < 4 }
    }
}

extension YAMLNode {
    package var isNull: Bool {
        if case .scalar(let scalar) = content { scalar.isNull } else { false }
    }

    /// What it is, for a message.
    package var kind: String {
        switch content {
        case .scalar: "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}
