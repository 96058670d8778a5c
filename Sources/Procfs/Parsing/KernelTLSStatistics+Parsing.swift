package import TCPModel

extension KernelTLSStatistics {
    /// - Parameter contents: A name and a number a line; lines of another shape are left out.
    package init(contents: [UInt8]) {
        self.init(
            values: contents.lines.compactMap { line in
                let words = line.words
                guard words.count == 2, let value = UInt64(decimal: words[1]) else { return nil }
                return (String(decoding: words[0], as: UTF8.self), value)
            })
    }
}
