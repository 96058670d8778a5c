import Linux

// Bars and sparklines, as SVG without styles of their own.
extension HTMLText {
    /// Appends a stacked bar, each part with its own class, on a scale up to `whole`. It shows what numbers
    /// beside it say.
    mutating func bar(_ parts: [(value: Double, kind: String)], of whole: Double) {
        markup(
            "<svg class=\"bar\" viewBox=\"0 0 1000 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
        )
        var start = 0.0
        for (value, kind) in parts where value > 0 && whole > 0 {
            let width = max(4, 1000 * min(value / whole, 1))
            markup("<rect height=\"8\" x=\"")
            text(String(Int(start)))
            markup("\" width=\"")
            text(String(Int(width.rounded(.up))))
            markup("\" class=\"")
            text(kind)
            markup("\"/>")
            start += width
        }
        markup("</svg>")
    }

    /// Appends the course of a series, from 0 to its highest value.
    mutating func sparkline(_ points: [ScrapeHistory.Point]) {
        guard let first = points.first, let last = points.last, points.count > 1 else { return }
        let values = points.map(\.value)
        let (lowest, highest) = (values.min() ?? 0, values.max() ?? 0)
        let duration = last.time - first.time
        markup(
            "<svg class=\"spark\" viewBox=\"0 0 1000 100\" preserveAspectRatio=\"none\" role=\"img\" "
        )
        markup("aria-label=\"")
        text(
            "The last \(duration.spelled): \(Double(lowest).grouped) to \(Double(highest).grouped), "
                + "now \(Double(last.value).grouped)")
        markup("\"><polyline points=\"")
        for point in points {
            let x = duration > .zero ? (point.time - first.time) / duration * 1000 : 0
            let y = 96 - 76 * Double(point.value) / Double(max(highest, 1))
            text("\(Int(x)),\(Int(y)) ")
        }
        markup("\"/></svg>")
    }
}
