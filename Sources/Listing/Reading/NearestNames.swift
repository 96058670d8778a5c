/// Names that somebody who mistyped one may have meant.
enum NearestNames {
    /// How many names are looked at: others' processes can have any number of them.
    private static let candidatesMax = 2000
    /// Longer names are compared by so many bytes.
    private static let byteCountMax = 64

    /// The nearest names, the best first, at most three: those that contain the text, else those that
    /// differ from it in few letters.
    static func names(like text: String, among candidates: some Collection<String>) -> [String] {
        let wanted = bytes(text)
        guard !wanted.isEmpty else { return [] }
        let scored = Set(candidates.prefix(candidatesMax)).compactMap { name in
            score(bytes(name), wanted).map { (score: $0, name: name) }
        }
        return scored.sorted { ($0.score, $0.name) < ($1.score, $1.name) }.prefix(3).map(\.name)
    }

    /// `; nearest: a, b`, or nothing.
    static func suffix(_ text: String, among candidates: some Collection<String>) -> String {
        let names = names(like: text, among: candidates)
        return names.isEmpty ? "" : "; nearest: " + names.joined(separator: ", ")
    }

    private static func bytes(_ text: String) -> [UInt8] {
        text.utf8.prefix(byteCountMax).filter { $0 != UInt8(ascii: "*") }
            .map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }
    }

    /// Nil if the name is not near.
    private static func score(_ name: [UInt8], _ wanted: [UInt8]) -> Int? {
        if name.starts(with: wanted) { return 0 }
        if name.firstRange(of: wanted) != nil { return 1 }
        let distance = distance(name, wanted)
        return distance <= max(1, wanted.count / 3) ? 1 + distance : nil
    }

    /// How many letters must be added, removed or replaced (Levenshtein).
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (index, letter) in a.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in b.indices {
                let replaced = diagonal + (letter == b[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, min(row[column], diagonal) + 1)
            }
        }
        return row[b.count]
    }
}
