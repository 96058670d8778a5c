import Linux
import SystemPackage

/// A file that names peers: a definition a line, as on the command line. Empty lines and those that begin
/// with `#` are passed over.
package enum PeerFile {
    /// Tens of thousands of peers.
    private static let byteCountMax = 1 << 20

    /// Reads the definitions.
    package static func peers(_ path: String) throws -> [Peer] {
        let text: String
        do {
            text = String(decoding: try contents(path), as: UTF8.self)
        } catch let error as Errno {
            throw PeerError("cannot read \(path): \(error)")
        }
        var peers: [Peer] = []
        for (index, line) in text.split(
            separator: "\n", omittingEmptySubsequences: false
        ).enumerated() {
            let words = line.drop { $0 == " " || $0 == "\t" }
            let definition = String(words.reversed().drop { $0.isWhitespace }.reversed())
            if definition.isEmpty || definition.hasPrefix("#") { continue }
            do throws(PeerError) { peers.append(try Peer(definition)) } catch {
                throw PeerError("\(path), line \(index + 1): \(error)")
            }
        }
        return peers
    }

    private static func contents(_ path: String) throws -> [UInt8] {
        let file = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec])
        return try file.closeAfter {
            var contents: [UInt8] = []
            var block = [UInt8](repeating: 0, count: 64 * 1024)
            while true {
                let count = try unsafe block.withUnsafeMutableBytes {
                    try unsafe file.read(into: $0)
                }
                if count == 0 { return contents }
                contents += block[..<count]
                guard contents.count <= byteCountMax else { throw Errno.fileTooLarge }
            }
        }
    }
}
