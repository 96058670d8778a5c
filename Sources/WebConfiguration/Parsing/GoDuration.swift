/// A time in the spelling of Go's `time.ParseDuration`: `300ms`, `1.5h`, `1m30s`, `0`; nil for anything
/// else, and for what is longer than a year.
func goDurationSeconds(_ text: String) -> Double? {
    guard text != "0" else { return 0 }
    guard !text.isEmpty else { return nil }
    var rest = Substring(text)
    var total = 0.0
    while !rest.isEmpty {
        let number = rest.prefix { $0 == "." || ("0"..."9").contains($0) }
        rest = rest.dropFirst(number.count)
        let unit = rest.prefix { $0 != "." && !("0"..."9").contains($0) }
        rest = rest.dropFirst(unit.count)
        guard number.utf8.count <= 24, number.contains(where: { $0 != "." }),
            let value = Double(number.first == "." ? "0\(number)" : "\(number)"),
            let seconds = unitSeconds[String(unit)]
        else { return nil }
        total += value * seconds
    }
    let secondsMax = 366.0 * 24 * 3600
    return total <= secondsMax ? total : nil
}

/// Go takes both characters that look like a Greek mu.
private let unitSeconds = [
    "ns": 1e-9, "us": 1e-6, "\u{b5}s": 1e-6, "\u{3bc}s": 1e-6, "ms": 1e-3, "s": 1, "m": 60,
    "h": 3600,
]
