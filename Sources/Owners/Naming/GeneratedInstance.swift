import TCPModel

/// The instance in a unit's name (`x@INSTANCE.service`), and whether a program made it up.
struct GeneratedInstance {
    private let text: ArraySlice<UInt8>

    init(_ text: ArraySlice<UInt8>) { self.text = text }

    /// Whether systemd made it for a connection to a socket with `Accept=yes`: `N-LOCAL-REMOTE` with
    /// addresses and ports, or `N-PID-UID`, where newer versions write `PID_ID`.
    var isConnection: Bool {
        let parts = text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].isDecimal else { return false }
        let process = parts[1].split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
        return parts[1].isAddressAndPort && parts[2].isAddressAndPort
            || process.count <= 2 && process.allSatisfy(\.isDecimal) && parts[2].isDecimal
    }

    /// Whether a desktop made it for one start of an application (`app-NAME@RANDOM.service`).
    ///
    /// In a user's manager every one is, except `autostart`. In the system's, an administrator can
    /// have named it.
    func isLaunch(isUsers: Bool) -> Bool {
        guard isUsers else { return text.count >= 16 && text.isLowerHexadecimal }
        return !text.isEmpty && !text.elementsEqual("autostart".utf8)
    }

    /// The template without the bus connection that dbus-broker writes into it
    /// (`dbus-:1.2-NAME@N.service`); nil for others.
    func busTemplate(_ template: [UInt8]) -> [UInt8]? {
        guard template.hasPrefix("dbus-:"), text.isDecimal else { return nil }
        let name = template.dropFirst(6).drop { $0 == UInt8(ascii: ".") || [$0].isDecimal }
        return name.first == UInt8(ascii: "-") ? Array("dbus".utf8) + name : nil
    }
}

extension ArraySlice<UInt8> {
    /// An IPv4, IPv6 or vsock address, a colon and a port.
    fileprivate var isAddressAndPort: Bool {
        guard let colon = lastIndex(of: UInt8(ascii: ":")), colon > startIndex else { return false }
        return self[(colon + 1)...].isDecimal
            && self[..<colon].allSatisfy { ".:".utf8.contains($0) || [$0].isLowerHexadecimal }
    }
}
