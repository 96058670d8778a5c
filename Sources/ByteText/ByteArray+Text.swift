/// Text as bytes, for those who write a lot of it: what an exposition and a listing have in common.
extension [UInt8] {
    /// Appends a literal without allocating.
    @inlinable
    package mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { unsafe append(contentsOf: $0) }
    }

    /// Appends decimal digits without allocating.
    @inlinable
    package mutating func append(decimal value: UInt64) {
        var digits = InlineArray<20, UInt8>(repeating: 0)  // 2^64 has 20
        var start = digits.count
        var rest = value
        repeat {
            start -= 1
            digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        for index in start..<digits.count { append(digits[index]) }
    }
}
