package import Procfs

/// `/proc/net/tls_stat` of a network namespace: kernel TLS in numbers. The file is absent until the
/// module `tls` is loaded (`Documentation/networking/tls.rst`).
package struct KernelTLSStatistics: Equatable, Sendable {
    /// Each line's name and number, in the file's order; lines of another shape are left out.
    package var values: [(name: String, value: UInt64)]

    package static func == (a: Self, b: Self) -> Bool {
        a.values.elementsEqual(b.values, by: ==)
    }

    package init(contents: [UInt8]) {
        values = contents.lines.compactMap { line in
            let words = line.words
            guard words.count == 2, let value = UInt64(decimal: words[1]) else { return nil }
            return (String(decoding: words[0], as: UTF8.self), value)
        }
    }

    /// Whether any connection of the calling thread's namespace has kernel TLS now. Where the file
    /// cannot be read for another reason than that there is none, one may have.
    static func mayHaveConnections(_ procfs: ProcFS) -> Bool {
        do throws(FileError) {
            return try KernelTLSStatistics(procfs).hasConnections
        } catch {
            return true
        }
    }

    /// Reads those of the calling thread's namespace; nothing is in them where the module is not
    /// loaded.
    package init(_ procfs: ProcFS) throws(FileError) {
        let contents: [UInt8]
        do throws(FileError) {
            contents = try procfs.networkFile("tls_stat")
        } catch {
            guard error.isGone else { throw error }
            contents = []
        }
        self.init(contents: contents)
    }

    /// The number on the line of this name; 0 where there is none, for what a kernel does not count
    /// it does not do either.
    package subscript(name: String) -> UInt64 {
        values.first { $0.name == name }?.value ?? 0
    }

    /// Whether any connection has kernel TLS now: of all the numbers only those named `TlsCurr…`
    /// count connections, the others count events.
    package var hasConnections: Bool {
        values.contains { $0.name.hasPrefix("TlsCurr") && $0.value > 0 }
    }
}
