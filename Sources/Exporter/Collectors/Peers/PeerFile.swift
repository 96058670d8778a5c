import Glibc
import Linux
import SystemPackage

/// A file that names peers: a definition a line, as on the command line. Empty lines and those that begin
/// with `#` are passed over.
package enum PeerFile {
    /// Tens of thousands of peers.
    private static let byteCountMax = 1 << 20

    /// Reads the definitions.
    package static func peers(_ path: String) throws -> [Peer] {
        let contents: [UInt8]
        do throws(Errno) { contents = try Self.contents(path) } catch {
            throw PeerError("cannot read \(path): \(error)")
        }
        var peers: [Peer] = []
        let newline = UInt8(ascii: "\n")
        let lines = contents.split(separator: newline, omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let definition = String(decoding: line.trimmed, as: UTF8.self)
            if definition.isEmpty || definition.hasPrefix("#") { continue }
            do throws(PeerError) { peers.append(try Peer(definition)) } catch {
                throw PeerError("\(path), line \(index + 1): \(error)")
            }
        }
        return peers
    }

    private static func contents(_ path: String) throws(Errno) -> [UInt8] {
        let file = try Descriptor(opening: path, O_RDONLY)
        let contents = try file.readToEnd(byteCountMax: byteCountMax + 1)
        guard contents.count <= byteCountMax else { throw .fileTooLarge }
        return contents
    }
}

extension ArraySlice<UInt8> {
    /// The bytes without blanks at both ends, those of another system's ends of lines included.
    fileprivate var trimmed: ArraySlice<UInt8> {
        let blanks = Array(" \t\r".utf8)
        guard let first = firstIndex(where: { !blanks.contains($0) }),
            let last = lastIndex(where: { !blanks.contains($0) })
        else { return [] }
        return self[first...last]
    }
}
