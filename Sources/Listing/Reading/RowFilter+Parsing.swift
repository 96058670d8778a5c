package import TCPModel

/// An invalid argument. The text says what is valid.
package struct InvalidArgument: Error, Equatable, CustomStringConvertible {
    package var description: String
}

/// Parses the arguments of filters: one value, or several separated by commas.
extension RowFilter {
    package static func states(_ text: String) throws(InvalidArgument) -> [TCPState] {
        try values(text, TCPState.inOrder, "states", \.label)
    }

    package static func families(_ text: String) throws(InvalidArgument) -> [AddressFamily] {
        try values(text, AddressFamily.allCases, "families", \.label)
    }

    package static func offloadStates(_ text: String) throws(InvalidArgument) -> [OffloadState] {
        try values(text, OffloadState.allCases, "offload states", \.label)
    }

    package static func ports(_ text: String) throws(InvalidArgument) -> [UInt16] {
        try numbers(text, 1...65535, "ports")
    }

    package static func processes(_ text: String) throws(InvalidArgument) -> [Int32] {
        try numbers(text, 1...Int32.max, "process IDs")
    }

    private static func values<Value>(
        _ text: String, _ all: [Value], _ noun: String, _ label: (Value) -> StaticString
    ) throws(InvalidArgument) -> [Value] {
        var values: [Value] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let value = all.first(where: { label($0).description == word }) else {
                let labels = all.map { label($0).description }.joined(separator: ", ")
                throw InvalidArgument(description: "the \(noun) are \(labels)")
            }
            values.append(value)
        }
        return values
    }

    /// Parses digits only: no sign, no space.
    private static func numbers<Value: FixedWidthInteger>(
        _ text: String, _ range: ClosedRange<Value>, _ noun: String
    ) throws(InvalidArgument) -> [Value] {
        var values: [Value] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard word.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let value = Value(word),
                range.contains(value)
            else {
                throw InvalidArgument(
                    description: "\(noun) are from \(range.lowerBound) to \(range.upperBound)")
            }
            values.append(value)
        }
        return values
    }
}

/// Parses the interval of a watch, in seconds; returns milliseconds.
package func watchMilliseconds(_ text: String) throws(InvalidArgument) -> Int {
    let isDecimal = text.utf8.allSatisfy { 0x30...0x39 ~= $0 || $0 == UInt8(ascii: ".") }
    guard isDecimal, let seconds = Double(text), (0.1...3600).contains(seconds) else {
        throw InvalidArgument(description: "seconds are from 0.1 to 3600")
    }
    return Int((seconds * 1000).rounded())
}

extension TCPState {
    /// All states in the order of a connection's life, which is also that of Windows' numbers.
    package static let inOrder: [TCPState] = [
        .close, .listen, .synSent, .synRecv, .established, .finWait1, .finWait2, .closeWait,
        .closing, .lastAck, .timeWait,
    ]
}
