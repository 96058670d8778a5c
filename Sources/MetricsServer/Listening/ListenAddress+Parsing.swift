import Glibc
import Linux

/// Why a text is no `ListenAddress`.
package struct ListenAddressError: Error, Hashable, CustomStringConvertible {
    /// What is wrong with the text.
    package enum Reason: Error, Hashable {
        case noPort, invalidPort, invalidHost, invalidIPv4, invalidIPv6, missingBrackets
        case noPath, pathTooLong, invalidMode
    }

    /// The text that was to be read.
    package let text: String
    package let reason: Reason

    /// The text and what is wrong with it, in one line.
    package var description: String {
        "invalid listen address \(text.debugDescription): \(reason.explanation)"
    }
}

extension ListenAddressError.Reason {
    /// One clause, in the words of a command line's user.
    fileprivate var explanation: String {
        switch self {
        case .noPort: "no port; expected :PORT, HOST:PORT, [IPv6]:PORT or unix:PATH"
        case .invalidPort: "the port is no number from 0 to 65535"
        case .invalidHost: "not a host name"
        case .invalidIPv4: "not an IPv4 address"
        case .invalidIPv6: "not an IPv6 address"
        case .missingBrackets: "an IPv6 address needs brackets: [IPv6]:PORT"
        case .noPath: "no path; expected unix:PATH"
        case .pathTooLong:
            "the kernel takes paths of at most \(SocketAddress.unixPathByteCountMax) bytes"
        case .invalidMode: "the mode is no octal number from 0 to 0777"
        }
    }
}

extension ListenAddress {
    /// Reads `:PORT`, `HOST:PORT`, `[IPv6]:PORT`, `unix:PATH` or `unix:PATH,mode=0660`. Host names are
    /// looked up when listening.
    package init(parsing text: String) throws(ListenAddressError) {
        do throws(ListenAddressError.Reason) {
            self.init(try Endpoint(parsing: text))
        } catch {
            throw ListenAddressError(text: text, reason: error)
        }
    }
}

extension ListenAddress.Endpoint {
    fileprivate init(parsing text: String) throws(ListenAddressError.Reason) {
        if text.hasPrefix("unix:") {
            self = try parseUnix(text.dropFirst("unix:".count))
            return
        }
        guard let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") else {
            throw .noPort
        }
        let port = try parsePort(text[text.index(after: colon)...])
        let host = text[..<colon]
        if host.isEmpty {
            self = .everyAddress(port: port)
        } else {
            self = .host(try parseHost(host), port: port)
        }
    }
}

/// A path may hold anything but NUL, so what begins with the last `,mode=` is the mode.
private func parseUnix(
    _ text: Substring
) throws(ListenAddressError.Reason) -> ListenAddress.Endpoint {
    var path = text
    var mode = UnixSocketPath.defaultMode
    if let option = text.ranges(of: ",mode=").last {
        path = text[..<option.lowerBound]
        let digits = text[option.upperBound...]
        guard digits.utf8.allSatisfy(isDigit), let number = UInt16(digits, radix: 8),
            number <= 0o777
        else { throw .invalidMode }
        mode = number
    }
    guard !path.isEmpty, !path.utf8.contains(0) else { throw .noPath }
    guard let path = UnixSocketPath(String(path)) else { throw .pathTooLong }
    return .unix(path, mode: mode)
}

private func parsePort(_ text: Substring) throws(ListenAddressError.Reason) -> UInt16 {
    guard !text.isEmpty else { throw .noPort }
    // UInt16.init would also take a sign.
    guard text.utf8.allSatisfy(isDigit), let port = UInt16(text) else { throw .invalidPort }
    return port
}

private func parseHost(_ text: Substring) throws(ListenAddressError.Reason) -> String {
    if text.hasPrefix("[") {
        guard text.hasSuffix("]") else { throw .invalidIPv6 }
        return try parseIPv6(text.dropFirst().dropLast())
    }
    guard !text.contains(":") else { throw .missingBrackets }
    guard text.utf8.allSatisfy(isHostNameByte) else { throw .invalidHost }
    // A name of digits and dots can only be meant as an address; getaddrinfo(3) would also take
    // the short forms of inet_aton(3).
    guard text.utf8.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: ".") }) else {
        return String(text)
    }
    guard let canonical = canonicalAddress(String(text), family: AF_INET) else {
        throw .invalidIPv4
    }
    return canonical
}

/// An address with or without its zone (`fe80::1%eth0`); the zone is checked when listening.
private func parseIPv6(_ text: Substring) throws(ListenAddressError.Reason) -> String {
    let zoneStart = text.firstIndex(of: "%") ?? text.endIndex
    let zone = text[zoneStart...]
    guard zone.dropFirst().utf8.allSatisfy(isHostNameByte), zone != "%",
        let canonical = canonicalAddress(String(text[..<zoneStart]), family: AF_INET6)
    else { throw .invalidIPv6 }
    return canonical + zone
}

/// The one spelling of a numeric address, `nil` where the text is none.
private func canonicalAddress(_ text: String, family: CInt) -> String? {
    var address = in6_addr()  // The larger of the two.
    guard unsafe inet_pton(family, text, &address) == 1 else { return nil }
    return unsafe withUnsafeTemporaryAllocation(
        of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)
    ) { buffer in
        let spelled = unsafe inet_ntop(
            family, &address, buffer.baseAddress, socklen_t(buffer.count))
        return unsafe spelled.map { unsafe String(cString: $0) }
    }
}

private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}

/// RFC 952's letters, digits, hyphens and dots, and the underscore that people use.
private func isHostNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    default: isDigit(byte) || "-._".utf8.contains(byte)
    }
}
