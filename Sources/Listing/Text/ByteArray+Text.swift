import Glibc
import TCPModel

extension [UInt8] {
    /// Appends an address as `inet_ntop(3)` writes it, without allocating.
    mutating func append(_ address: IPAddress) {
        var words = address.words
        var text = InlineArray<46, UInt8>(repeating: 0)  // INET6_ADDRSTRLEN
        let domain = address.family == .ipv4 ? AF_INET : AF_INET6
        var span = text.mutableSpan
        let isWritten = unsafe span.withUnsafeMutableBytes { buffer in
            let start = unsafe buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            guard let start = unsafe start else { return false }
            return unsafe inet_ntop(domain, &words, start, socklen_t(buffer.count)) != nil
        }
        precondition(isWritten, "the buffer holds the longest address")
        for index in text.indices {
            if text[index] == 0 { break }
            append(text[index])
        }
    }

    /// Appends the scalar as UTF-8.
    mutating func append(utf8 scalar: Unicode.Scalar) {
        append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    /// Appends a number of spaces; none if the count is negative.
    mutating func append(spaces count: Int) {
        append(contentsOf: repeatElement(UInt8(ascii: " "), count: Swift.max(count, 0)))
    }
}
