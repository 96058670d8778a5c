import ByteText

/// Labels rendered once and written often: `name="value",name="value"`, escaped.
package struct LabelSet: Sendable, Hashable {
    let bytes: [UInt8]

    /// No labels.
    package static let none = LabelSet([])

    /// - Parameter labels: Names from our own code, values from anywhere. An empty value means that
    ///   the label is absent, as in Prometheus' data model, so it is left out.
    package init(_ labels: [(name: StaticString, value: String)]) {
        var bytes: [UInt8] = []
        for (name, value) in labels where !value.isEmpty {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
            bytes.append(name)
            bytes.append(contentsOf: [UInt8(ascii: "="), UInt8(ascii: "\"")])
            bytes.append(labelValue: value)
            bytes.append(UInt8(ascii: "\""))
        }
        self.bytes = bytes
    }

    /// One label.
    package init(_ name: StaticString, _ value: StaticString) {
        self.init([(name, value.description)])
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Both sets, one after the other; their names differ.
    package static func + (a: LabelSet, b: LabelSet) -> LabelSet {
        if a.bytes.isEmpty { return b }
        if b.bytes.isEmpty { return a }
        return LabelSet(bytes: a.bytes + [UInt8(ascii: ",")] + b.bytes)
    }
}
