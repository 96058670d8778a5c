import Glibc
import Linux
import SystemPackage
package import TCPModel

/// Reads a small file whole. The kernel's text files have no length to ask for, so it is read until
/// its end or until `byteCountMax`, whichever comes first.
package func readFile(_ path: String, byteCountMax: Int = 65_536) throws(FileError) -> [UInt8] {
    let file = try openFile(path)
    do throws(Errno) {
        return try file.readToEnd(byteCountMax: byteCountMax)
    } catch {
        throw FileError(.read, path, error)
    }
}

/// Opens a file for reading.
func openFile(_ path: String, _ flags: CInt = 0) throws(FileError) -> Descriptor {
    do throws(Errno) {
        return try Descriptor(opening: path, O_RDONLY | flags)
    } catch {
        throw FileError(.open, path, error)
    }
}

/// The target of a symbolic link, as bytes.
func readLink(_ path: String) throws(FileError) -> [UInt8] {
    var target = [CChar](repeating: 0, count: Int(PATH_MAX))
    do throws(Errno) {
        let byteCount = try systemCall { unsafe readlink(path, &target, target.count) }
        return target[..<byteCount].map(UInt8.init(bitPattern:))
    } catch {
        throw FileError(.read, path, error)
    }
}
