/// A name in which `*` stands for any characters, and `?` for one byte.
package struct GlobPattern: Hashable, Sendable {
    /// As it was given.
    package let text: String
    private let bytes: [UInt8]

    package init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    /// Whether the name is one of those that the pattern stands for. The cost grows with the product of
    /// both lengths at most.
    package func matches(_ name: String) -> Bool {
        let name = Array(name.utf8)
        var (place, next) = (0, 0)
        // Where to go on after the last asterisk, with one more byte for it.
        var asterisk: (next: Int, place: Int)?
        while place < name.count {
            if next < bytes.count, bytes[next] == UInt8(ascii: "*") {
                next += 1
                asterisk = (next, place)
            } else if next < bytes.count,
                bytes[next] == UInt8(ascii: "?") || bytes[next] == name[place]
            {
                next += 1
                place += 1
            } else if let last = asterisk {
                next = last.next
                place = last.place + 1
                asterisk = (next, place)
            } else {
                return false
            }
        }
        return bytes[next...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
