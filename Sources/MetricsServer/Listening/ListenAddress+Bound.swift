import Glibc
import Linux

extension ListenAddress {
    /// The address that a socket is bound to: in numbers, or the path of its file.
    init(boundTo address: SocketAddress) {
        if let (host, port) = address.numericHost {
            self.init(.host(host, port: port))
        } else {
            self.init(
                .unix(UnixSocketPath(bound: address.unixText), mode: UnixSocketPath.defaultMode))
        }
    }
}

extension SocketAddress {
    /// The path of a socket file; an abstract name with `@` for its first byte, as `ss` shows it; no
    /// path at all where the socket has no name.
    fileprivate var unixText: String {
        let name = unixName
        let bytes = name.first == 0 ? [UInt8(ascii: "@")] + name.dropFirst() : name
        return String(decoding: bytes.filter { $0 >= 0x20 && $0 != 0x7F }, as: UTF8.self)
    }
}
