import Glibc
import SystemPackage
package import TCPModel

/// Reads a small file whole. The kernel's text files have no length to ask for, so it is read until
/// its end or until `byteCountMax`, whichever comes first.
package func readFile(_ path: String, byteCountMax: Int = 65_536) throws(FileError) -> [UInt8] {
    let descriptor = try openFile(FilePath(path))
    defer { try? descriptor.close() }
    do {
        return try readToEnd(descriptor, byteCountMax: byteCountMax)
    } catch {
        throw FileError(.read, path, asErrno(error))
    }
}

/// Opens a file for reading; no program that is started inherits it.
func openFile(
    _ path: FilePath, _ options: FileDescriptor.OpenOptions = []
) throws(FileError) -> FileDescriptor {
    do {
        return try FileDescriptor.open(path, .readOnly, options: options.union(.closeOnExec))
    } catch {
        throw FileError(.open, path.string, asErrno(error))
    }
}

/// The target of a symbolic link, as bytes.
func readLink(_ path: String) throws(FileError) -> [UInt8] {
    var target = [CChar](repeating: 0, count: Int(PATH_MAX))
    let byteCount = retryingOnInterrupt { unsafe readlink(path, &target, target.count) }
    guard byteCount >= 0 else { throw FileError(.read, path, Errno(rawValue: errno)) }
    return target[..<byteCount].map(UInt8.init(bitPattern:))
}

private func readToEnd(_ descriptor: FileDescriptor, byteCountMax: Int) throws -> [UInt8] {
    var contents: [UInt8] = []
    while contents.count < byteCountMax {
        let chunkByteCount = min(4096, byteCountMax - contents.count)
        let chunk = try unsafe [UInt8](unsafeUninitializedCapacity: chunkByteCount) {
            buffer, count in
            count = try unsafe descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
        if chunk.isEmpty { break }
        contents += chunk
    }
    return contents
}

/// swift-system's calls are untyped, and throw nothing but `Errno`.
private func asErrno(_ error: any Error) -> Errno {
    guard let errno = error as? Errno else { preconditionFailure("not an errno: \(error)") }
    return errno
}

/// Calls until no signal interrupts. Linux' own procfs lets only deadly signals interrupt these calls;
/// a file system in user space that stands in for it (LXCFS), or a sandbox, may be less patient.
func retryingOnInterrupt<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}
