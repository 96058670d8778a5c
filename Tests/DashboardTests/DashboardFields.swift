/// How a panel shows its values: unit, thresholds, links, for all or for single fields.
struct FieldConfiguration: Decodable {
    struct Defaults: Decodable {
        let unit: String?
        let thresholds: Thresholds?
        let links: [Link]?
    }

    let defaults: Defaults
    let overrides: [FieldOverride]
}

struct Thresholds: Decodable {
    struct Step: Decodable {
        let color: String
        let value: Double?
    }

    let mode: String
    let steps: [Step]

    /// The thresholds, without the base color.
    var levels: [Double] { steps.compactMap(\.value) }
}

/// Overrides of single fields.
struct FieldOverride: Decodable {
    struct Matcher: Decodable {
        let id: String
        let options: String
    }

    /// A property, decoded only where its kind is one that the tests speak of.
    enum Property: Decodable {
        case unit(String)
        case links([Link])
        case thresholds(Thresholds)
        case other(String)

        private enum Key: CodingKey { case id, value }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Key.self)
            switch try values.decode(String.self, forKey: .id) {
            case "unit": self = .unit(try values.decode(String.self, forKey: .value))
            case "links": self = .links(try values.decode([Link].self, forKey: .value))
            case "thresholds":
                self = .thresholds(try values.decode(Thresholds.self, forKey: .value))
            case let id: self = .other(id)
            }
        }
    }

    let matcher: Matcher
    let properties: [Property]

    /// The ids of the properties that no case of its own has.
    var otherIDs: [String] {
        properties.compactMap { property -> String? in
            if case .other(let id) = property { id } else { nil }
        }
    }

    var links: [Link] {
        properties.flatMap { property -> [Link] in
            if case .links(let links) = property { links } else { [] }
        }
    }

    var unit: String? {
        properties.lazy.compactMap { property -> String? in
            if case .unit(let unit) = property { unit } else { nil }
        }.first
    }

    var thresholds: Thresholds? {
        properties.lazy.compactMap { property -> Thresholds? in
            if case .thresholds(let thresholds) = property { thresholds } else { nil }
        }.first
    }
}
