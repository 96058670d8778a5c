package import TCPModel

/// An invalid argument. The text says what is valid.
package struct InvalidArgument: Error, Equatable, CustomStringConvertible {
    package var description: String
}

/// Parses the arguments of filters: one value, or several separated by commas.
extension RowFilter {
    package static func states(_ text: String) throws(InvalidArgument) -> [TCPState] {
        var states: [TCPState] = []
        for word in words(text) {
            guard let found = StateNames.states(word) else {
                let labels = TCPState.inOrder.map(\.label.description)
                let nearest = NearestNames.suffix(String(word), among: labels + StateNames.groups)
                throw InvalidArgument(
                    description: "no state '\(word)'\(nearest); the states are "
                        + labels.joined(separator: ", ") + ", or "
                        + StateNames.groups.joined(separator: ", "))
            }
            states += found
        }
        return states
    }

    package static func families(_ text: String) throws(InvalidArgument) -> [AddressFamily] {
        try values(text, AddressFamily.allCases, "family", "families", \.label)
    }

    package static func offloadStates(_ text: String) throws(InvalidArgument) -> [OffloadState] {
        try values(text, OffloadState.allCases, "offload state", "offload states", \.label)
    }

    package static func ports(_ text: String) throws(InvalidArgument) -> [ClosedRange<UInt16>] {
        var ports: [ClosedRange<UInt16>] = []
        for word in words(text) { ports.append(try PortNames.ports(word)) }
        return ports
    }

    package static func endpoints(_ text: String) throws(InvalidArgument) -> [EndpointPattern] {
        var endpoints: [EndpointPattern] = []
        for word in words(text) { endpoints.append(try EndpointPattern(word)) }
        return endpoints
    }

    package static func users(_ text: String) throws(InvalidArgument) -> [UInt32] {
        var users: [UInt32] = []
        for word in words(text) { users.append(try UserNames.user(String(word))) }
        return users
    }

    package static func processes(_ text: String) throws(InvalidArgument) -> [Int32] {
        var processes: [Int32] = []
        for word in words(text) {
            guard let process = Int32(decimal: word), process > 0 else {
                throw InvalidArgument(description: "process IDs are from 1 to \(Int32.max)")
            }
            processes.append(process)
        }
        return processes
    }

    /// A port that stands alone, as `:443`.
    package static func portsAlone(_ text: String) throws(InvalidArgument) -> [ClosedRange<UInt16>]
    {
        guard text.hasPrefix(":") else {
            throw InvalidArgument(
                description: "only a port such as :443 stands without an option; see --help for "
                    + "--state, --module, --remote and other filters")
        }
        return try ports(text)
    }

    private static func words(_ text: String) -> [Substring] {
        text.split(separator: ",", omittingEmptySubsequences: false)
    }

    private static func values<Value>(
        _ text: String, _ all: [Value], _ noun: String, _ nouns: String,
        _ label: (Value) -> StaticString
    ) throws(InvalidArgument) -> [Value] {
        var values: [Value] = []
        let labels = all.map { label($0).description }
        for word in words(text) {
            guard let index = labels.firstIndex(of: String(word)) else {
                let nearest = NearestNames.suffix(String(word), among: labels)
                throw InvalidArgument(
                    description: "no \(noun) '\(word)'\(nearest); the \(nouns) are "
                        + labels.joined(separator: ", "))
            }
            values.append(all[index])
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
