package import Glibc
package import SystemPackage

/// A `struct sockaddr` of any family, with its length.
package struct SocketAddress: Sendable {
    private var storage = sockaddr_storage()
    private var byteCount = socklen_t(MemoryLayout<sockaddr_storage>.size)

    /// `AF_INET`, `AF_UNIX`, `AF_NETLINK` …
    package var family: CInt { CInt(storage.ss_family) }

    /// Room for an address that the kernel writes.
    package init() {}

    /// - Parameter address: A `sockaddr_in`, `sockaddr_nl` or any other that fits `sockaddr_storage`.
    /// - Parameter byteCount: How many of its bytes are meaningful; nil is all of them.
    package init<Address: BitwiseCopyable>(_ address: Address, byteCount: Int? = nil) {
        unsafe withUnsafeBytes(of: address) { bytes in
            unsafe copy(UnsafeRawBufferPointer(rebasing: bytes.prefix(byteCount ?? bytes.count)))
        }
    }

    /// A copy of an address that is known by its pointer and length.
    package init(copying address: UnsafePointer<sockaddr>, byteCount: socklen_t) {
        unsafe copy(UnsafeRawBufferPointer(start: address, count: Int(byteCount)))
    }

    private mutating func copy(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= MemoryLayout<sockaddr_storage>.size)
        byteCount = socklen_t(bytes.count)
        unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.copyMemory(from: bytes) }
    }

    /// The address a socket is bound to. The corresponding C function is `getsockname`.
    package init(boundBy descriptor: borrowing Descriptor) throws(Errno) {
        let number = descriptor.rawValue
        _ = try unsafe write { address, byteCount throws(Errno) in
            try systemCall { unsafe getsockname(number, address, &byteCount) }
        }
    }

    /// The address as a type of C's, `sockaddr_in` for one; what the kernel has not written is 0.
    package func load<Address: BitwiseCopyable>(as _: Address.Type) -> Address {
        precondition(MemoryLayout<Address>.size <= MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeBytes(of: storage) { unsafe $0.loadUnaligned(as: Address.self) }
    }

    /// The bytes, as many as are meaningful.
    package var bytes: [UInt8] {
        let count = min(Int(byteCount), MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeBytes(of: storage) { unsafe Array($0.prefix(count)) }
    }

    /// Lends the address to a call that reads it.
    package func withPointer<Result, Failure: Error>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe withUnsafePointer(to: storage) { storage throws(Failure) in
            try unsafe body(
                UnsafeRawPointer(storage).assumingMemoryBound(to: sockaddr.self), byteCount)
        }
    }

    /// Lends the address to a call that writes it.
    package mutating func write<Result, Failure: Error>(
        _ body: (UnsafeMutablePointer<sockaddr>, inout socklen_t) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var byteCount = socklen_t(MemoryLayout<sockaddr_storage>.size)
        defer { self.byteCount = byteCount }
        return try unsafe withUnsafeMutablePointer(to: &storage) { storage throws(Failure) in
            try unsafe body(
                UnsafeMutableRawPointer(storage).assumingMemoryBound(to: sockaddr.self), &byteCount)
        }
    }
}
