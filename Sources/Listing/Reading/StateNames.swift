import TCPModel

/// The names of states on the command line: the exporter's, and those of `ss` (`misc/ss.c` of iproute2).
package enum StateNames {
    /// Names of several states.
    package static let groups = ["all", "connected", "synchronized", "bucket", "big"]

    /// The states of a name, in whichever case, with `_`, `-` or nothing between its words; nil if there is
    /// no such name.
    static func states(_ name: some StringProtocol) -> [TCPState]? {
        let key = key(name)
        if let group = group(key) { return TCPState.inOrder.filter(group) }
        return TCPState.inOrder.first {
            Self.key($0.label.description) == key || others($0).contains(key)
        }
        .map { [$0] }
    }

    private static func key(_ name: some StringProtocol) -> String {
        String(name.lowercased().filter { $0 != "_" && $0 != "-" })
    }

    private static func group(_ key: String) -> ((TCPState) -> Bool)? {
        switch key {
        case "all": { _ in true }
        case "connected": { $0 != .listen && $0 != .close }
        case "synchronized": { $0 != .listen && $0 != .close && $0 != .synSent }
        case "bucket": { $0 == .timeWait || $0 == .synRecv }
        case "big": { $0 != .timeWait && $0 != .synRecv }
        default: nil
        }
    }

    private static func others(_ state: TCPState) -> [String] {
        switch state {
        case .established: ["estab"]
        case .listen: ["listening"]
        case .close: ["closed", "unconn", "unconnected"]
        case .synRecv: ["synrcv", "synreceived"]
        default: []
        }
    }
}
