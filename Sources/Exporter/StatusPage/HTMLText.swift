import ByteText

/// Builds HTML as bytes, with all text escaped.
struct HTMLText {
    private(set) var bytes: [UInt8] = []

    /// Appends markup as it is.
    mutating func markup(_ literal: StaticString) {
        bytes.append(literal)
    }

    /// Appends untrusted text, escaped; also for attribute values in double quotes.
    mutating func text(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): bytes.append("&amp;")
            case UInt8(ascii: "<"): bytes.append("&lt;")
            case UInt8(ascii: ">"): bytes.append("&gt;")
            case UInt8(ascii: "\""): bytes.append("&quot;")
            default: bytes.append(byte)
            }
        }
    }

    /// Appends an untrusted name, isolated so that its writing direction affects nothing else.
    mutating func name(_ name: String) {
        markup("<bdi>")
        text(name)
        markup("</bdi>")
    }

    /// Appends a cell with a whole number; 0 is dimmed.
    mutating func cell(_ value: Double, isAlarm: Bool = false) {
        if isAlarm {
            markup("<td class=\"n alarm\">")
        } else if value == 0 {
            markup("<td class=\"n zero\">")
        } else {
            markup("<td class=\"n\">")
        }
        number(value)
        markup("</td>")
    }

    /// Appends a whole number.
    mutating func number(_ value: Double) {
        bytes.append(decimal: UInt64(exactly: value.rounded()) ?? 0)
    }

    /// Appends the head of a table, in a box that scrolls sideways.
    mutating func beginTable(_ titles: [(title: String, isNumber: Bool)]) {
        markup("<div class=\"box\"><table><thead><tr>")
        for (title, isNumber) in titles {
            if isNumber {
                markup("<th scope=\"col\" class=\"n\">")
            } else {
                markup("<th scope=\"col\">")
            }
            text(title)
            markup("</th>")
        }
        markup("</tr></thead><tbody>\n")
    }

    mutating func endTable() {
        markup("</tbody></table></div>\n")
    }

    /// Appends a cell with a stacked bar, each part with its own class, on a scale up to `whole`.
    mutating func bar(_ parts: [(value: Double, kind: String)], of whole: Double) {
        markup(
            "<td class=\"wide\"><svg viewBox=\"0 0 1000 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
        )
        var start = 0.0
        for (value, kind) in parts where value > 0 && whole > 0 {
            let width = 1000 * value / whole
            markup("<rect height=\"8\" x=\"")
            number(start)
            markup("\" width=\"")
            number(max(1, width))
            markup("\" class=\"")
            text(kind)
            markup("\"/>")
            start += width
        }
        markup("</svg></td>")
    }
}
