import Glibc
import TCPConnections

extension [UInt8] {
    /// Appends the usual text of an address, by `inet_ntop(3)`, without allocating.
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

    /// Appends so many spaces.
    mutating func append(spaces count: Int) {
        append(contentsOf: repeatElement(UInt8(ascii: " "), count: Swift.max(count, 0)))
    }
}
