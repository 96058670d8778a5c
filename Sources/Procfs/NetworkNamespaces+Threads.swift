import TCPModel

extension ProcFS {
    /// How many threads are looked at, some 40 ms, and how many of one process.
    private static let threadsMax = (all: 16_384, ofOne: 1024)

    /// The namespaces that threads are in, the main ones left out: a thread can enter another one than its
    /// process (`man 2 setns`). The threads of a process with one thread are not listed.
    func namespacesOfThreads() throws(FileError) -> [UInt64: NetworkNamespace] {
        var found: [UInt64: NetworkNamespace] = [:]
        var remaining = Self.threadsMax.all
        for process in try processes() where remaining > 0 && threadCount(of: process) > 1 {
            let others = threads(of: process).filter { $0 != process }
            for thread in others.prefix(min(remaining, Self.threadsMax.ofOne)) {
                remaining -= 1
                let path = "\(root)/\(process)/task/\(thread)/ns/net"
                guard let inode = try NamespaceFile(visible: path)?.inode, found[inode] == nil
                else { continue }
                found[inode] = NetworkNamespace(inode: inode, name: nil, path: path)
            }
        }
        return found
    }
}
