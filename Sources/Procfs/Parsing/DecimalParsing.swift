extension UInt64 {
    /// The number that ASCII digits write; nil when there is none, another character, or too many.
    package init?(decimal digits: some Collection<UInt8>) {
        guard !digits.isEmpty else { return nil }
        var number: UInt64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            let (product, overflows) = number.multipliedReportingOverflow(by: 10)
            let (sum, carries) = product.addingReportingOverflow(UInt64(digit - 0x30))
            guard !overflows, !carries else { return nil }
            number = sum
        }
        self = number
    }
}

extension Collection<UInt8> {
    /// The parts between runs of spaces and tabs.
    package var words: [SubSequence] {
        split { $0 == 0x20 || $0 == 0x09 }
    }

    /// The parts between newlines, empty ones left out.
    package var lines: [SubSequence] {
        split(separator: 0x0A)
    }
}
