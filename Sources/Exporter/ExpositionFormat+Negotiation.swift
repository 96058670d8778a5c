import Exposition
import MetricsServer

extension ExpositionFormat {
    /// The format that a client would rather have (RFC 9110, section 12.5.1).
    ///
    /// Of each format the most specific range that covers it tells how much it is wanted; of several
    /// wanted alike the one that is named more specifically is given, then the one named first. Of a
    /// range's parameters only `version` matters: names that need escaping do not occur, and the
    /// charset is always UTF-8. Where nothing fits the answer is the text format, which every client
    /// of this kind reads.
    ///
    /// - Parameter header: The value of `Accept`.
    static func negotiated(_ header: String?) -> ExpositionFormat {
        let list = PreferenceList(parsing: header ?? "")
        let wishes = allCases.compactMap { format in
            format.wish(in: list).map { (format: format, wish: $0) }
        }
        return wishes.max { $0.wish < $1.wish }?.format ?? .text
    }

    /// How much a client wants a format, and how exactly it says so.
    private struct Wish: Comparable {
        let quality: Int
        let specificity: Int
        let position: Int

        static func < (a: Wish, b: Wish) -> Bool {
            (a.quality, a.specificity, b.position) < (b.quality, b.specificity, a.position)
        }
    }

    private func wish(in list: PreferenceList) -> Wish? {
        var best: Wish?
        for (position, element) in list.elements.enumerated() {
            guard let specificity = specificity(of: element) else { continue }
            guard best.map({ $0.specificity < specificity }) ?? true else { continue }
            best = Wish(quality: element.quality, specificity: specificity, position: position)
        }
        return best?.quality == 0 ? nil : best
    }

    /// How closely a range describes this format; nil where it does not cover it.
    private func specificity(of range: PreferenceList.Element) -> Int? {
        switch range.name {
        case mediaType:
            guard let version = range["version"] else { return 2 }
            return version == self.version.description ? 3 : nil
        case mediaType.prefix { $0 != "/" } + "/*": return 1
        // Java's own client calls everything by one asterisk.
        case "*/*", "*": return 0
        default: return nil
        }
    }

    private var mediaType: String {
        switch self {
        case .text: "text/plain"
        case .openMetrics: "application/openmetrics-text"
        }
    }
}
