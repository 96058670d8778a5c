import Linux

// Numbers and durations as people read them.

extension Double {
    /// A whole number with its digits grouped: `38,000`.
    var grouped: String {
        let digits = String(UInt64(exactly: rounded()) ?? 0)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }

    /// What is counted, with the number before it, and a verb: `1 connection is`, `2 connections are`.
    func counted(_ noun: String, _ singular: String = "", _ plural: String = "") -> String {
        let verb = self == 1 ? singular : plural
        return "\(grouped) \(noun)\(self == 1 ? "" : "s")\(verb.isEmpty ? "" : " " + verb)"
    }

    /// A part: `83 %`. What is more than nothing is not 0.
    var percent: String {
        let value = (self * 100).rounded()
        return value == 0 && self > 0 ? "< 1 %" : "\(value.grouped) %"
    }

    /// Bytes with a unit: `512 B`, `1.5 kB`, `64 MB`.
    var byteText: String {
        var value = self
        for unit in ["B", "kB", "MB", "GB"] {
            if value < 999.5 {
                let tenths = (value * 10).rounded()
                let isWhole = unit == "B" || tenths >= 100 || Int(tenths) % 10 == 0
                return "\(isWhole ? value.grouped : String(tenths / 10)) \(unit)"
            }
            value /= 1000
        }
        return "\(value.grouped) TB"
    }
}

extension Duration {
    /// `45 seconds`, and from 90 on `2 minutes`.
    var spelled: String {
        let seconds = self.seconds.rounded()
        return seconds < 90
            ? seconds.counted("second") : (seconds / 60).rounded().counted("minute")
    }
}
