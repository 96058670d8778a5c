/// Names as the kernel gives them: bytes.
extension [UInt8] {
    func hasPrefix(_ text: String) -> Bool { starts(with: text.utf8) }

    func hasSuffix(_ text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}

extension Collection<UInt8> {
    /// Whether it consists of ASCII digits, at least one.
    var isDecimal: Bool { !isEmpty && allSatisfy { (0x30...0x39).contains($0) } }
}
