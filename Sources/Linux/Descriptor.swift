package import Glibc
package import SystemPackage

/// An open file descriptor, closed when its owner is gone.
package struct Descriptor: ~Copyable, Sendable {
    /// The number, for calls that borrow it.
    package let rawValue: CInt

    /// Owns the descriptor from now on.
    package init(owning rawValue: CInt) {
        self.rawValue = rawValue
    }

    /// Opens a file; no program that is started inherits it.
    ///
    /// The corresponding C function is `open`.
    package init(opening path: String, _ flags: CInt) throws(Errno) {
        self.init(owning: try systemCall { unsafe Glibc.open(path, flags | O_CLOEXEC) })
    }

    /// Opens a file whose path may hold any bytes; it ends in a zero.
    package init(opening path: [CChar], _ flags: CInt) throws(Errno) {
        self.init(owning: try systemCall { unsafe Glibc.open(path, flags | O_CLOEXEC) })
    }

    /// Opens a socket; no program that is started inherits it.
    ///
    /// The corresponding C function is `socket`.
    package init(
        socket family: CInt, _ type: __socket_type, flags: __socket_type = __socket_type(0),
        protocol number: CInt = 0
    ) throws(Errno) {
        let type = CInt(type.rawValue | flags.rawValue | SOCK_CLOEXEC.rawValue)
        self.init(owning: try systemCall { Glibc.socket(family, type, number) })
    }

    /// Gives the descriptor away: whoever calls closes it.
    package consuming func release() -> CInt {
        let rawValue = rawValue
        discard self
        return rawValue
    }

    /// The corresponding C function is `close`. On Linux the number is free whatever it returns
    /// (man 2 close, "Dealing with error returns").
    deinit {
        _ = Glibc.close(rawValue)
    }
}

extension Descriptor {
    /// Reads up to so many bytes; fewer mean nothing, none are the end.
    ///
    /// The corresponding C function is `read`.
    package borrowing func read(byteCountMax: Int) throws(Errno) -> [UInt8] {
        let number = rawValue
        var failure: Errno?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: byteCountMax) { buffer, count in
            do throws(Errno) {
                count = try systemCall {
                    unsafe Glibc.read(number, buffer.baseAddress, byteCountMax)
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Reads to the end, or until so many bytes are there.
    ///
    /// - Parameter byteCount: How many there will be, as far as is known: memory grows by doubling else.
    package borrowing func readToEnd(
        byteCountMax: Int, chunkByteCount: Int = 4096, expecting byteCount: Int = 0
    ) throws(Errno) -> [UInt8] {
        var contents: [UInt8] = []
        contents.reserveCapacity(min(byteCount, byteCountMax))
        while contents.count < byteCountMax {
            let rest = byteCountMax - contents.count
            let chunk = try read(byteCountMax: min(chunkByteCount, rest))
            if chunk.isEmpty { break }
            contents += chunk
        }
        return contents
    }

    /// The corresponding C function is `fstat`.
    package borrowing func status() throws(Errno) -> stat {
        let number = rawValue
        var status = stat()
        _ = try systemCall { unsafe fstat(number, &status) }
        return status
    }
}
