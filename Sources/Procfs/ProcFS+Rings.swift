import TCPModel

extension ProcFS {
    /// How much of an instance's fdinfo is read: some 40,000 files.
    private static let ringByteCountMax = 1 << 20

    /// The sockets that are registered with an io_uring instance (`io_uring/fdinfo.c`), each by the
    /// instance's descriptor with `HeldSocket.ringMark`.
    func registeredSockets(
        of process: ProcessID, ring: UInt32
    ) throws(FileError) -> [HeldSocket] {
        let contents = try readFile(
            "\(root)/\(process)/fdinfo/\(ring)", byteCountMax: Self.ringByteCountMax)
        return contents.lines.compactMap { line in
            // `    3: socket:[4711]`; paths have their spaces and newlines escaped.
            let words = line.words
            guard words.count == 2, words[0].last == UInt8(ascii: ":") else { return nil }
            let target = Array(words[1])
            guard let inode = unsafe SocketInode(linkTarget: target.span.bytes) else { return nil }
            return HeldSocket(inode: inode, descriptor: ring | HeldSocket.ringMark)
        }
    }
}
