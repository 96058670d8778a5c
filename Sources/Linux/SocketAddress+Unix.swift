import Glibc

// Names of Unix sockets (man 7 unix): a path, or an abstract name that begins with NUL.
extension SocketAddress {
    /// Where `sun_path` begins in `struct sockaddr_un`.
    private static let unixNameOffset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
    /// Bytes of the longest path, its NUL left out.
    package static let unixPathByteCountMax = MemoryLayout<sockaddr_un>.size - unixNameOffset - 1

    /// The address of a socket file; nil where the kernel's structure has no room for the path.
    package init?(unixPath path: String) {
        let name = Array(path.utf8)
        guard name.count <= Self.unixPathByteCountMax else { return nil }
        self.init(unixName: name + [0])
    }

    /// The address of an abstract name, its NUL left out; nil where it is too long.
    package init?(abstractUnixName name: [UInt8]) {
        guard name.count <= Self.unixPathByteCountMax else { return nil }
        self.init(unixName: [0] + name)
    }

    private init(unixName name: [UInt8]) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
        self.init(address, byteCount: Self.unixNameOffset + name.count)
    }

    /// The path, or the abstract name with its NUL; empty where the socket has no name.
    package var unixName: [UInt8] {
        let name = bytes.dropFirst(Self.unixNameOffset)
        return name.first == 0 ? Array(name) : Array(name.prefix { $0 != 0 })
    }
}
