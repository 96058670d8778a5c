import Glibc
import SystemPackage

// What /proc/PID tells of one process.
extension ProcFS {
    /// The descriptors of a process.
    package func descriptors(of process: ProcessID) throws(FileError) -> DescriptorDirectory {
        try DescriptorDirectory("\(root)/\(process)/fd")
    }

    /// How many descriptors a process holds, and whose it is; the count is 0 before Linux 6.2, which
    /// does not tell.
    package func descriptorTable(of process: ProcessID) -> (count: Int64, userID: UInt32)? {
        var status = stat()
        guard unsafe stat("\(root)/\(process)/fd", &status) == 0 else { return nil }
        return (Int64(status.st_size), status.st_uid)
    }

    /// The contents of `/proc/PID/stat`, which everybody may read.
    package func statistics(of process: ProcessID) throws(FileError) -> ProcessStatistics {
        try statistics(inDirectory: process.description)
    }

    private func statistics(inDirectory name: String) throws(FileError) -> ProcessStatistics {
        let path = "\(root)/\(name)/stat"
        guard let statistics = ProcessStatistics(stat: try readFile(path)) else {
            throw FileError(.understand, path, .contents("not the fields of man 5 proc_pid_stat"))
        }
        return statistics
    }

    /// The calling process's own.
    package var ownStatistics: ProcessStatistics {
        get throws(FileError) { try statistics(inDirectory: "self") }
    }

    /// How many descriptors the calling process has open, the one that counts them left out.
    package var ownDescriptorCount: Int? {
        var count = -1
        do throws(FileError) {
            try DirectoryListing().forEachEntry(in: FilePath("\(root)/self/fd")) { _, _ in
                count += 1
            }
        } catch {
            return nil
        }
        return count
    }

    /// The path of the executable, as bytes: Linux paths are no text. Needs the right to trace the
    /// process. A kernel thread has none (`ENOENT`).
    package func executablePath(of process: ProcessID) throws(FileError) -> [UInt8] {
        let link = "\(root)/\(process)/exe"
        let path = try readLink(link)
        let deleted = Array(" (deleted)".utf8)
        // The kernel adds the suffix to the path of a file that is gone; any user can also choose
        // a name that ends so. Only in the second case does the path still lead to the file.
        guard path.suffix(deleted.count).elementsEqual(deleted), !isSameFile(path, link) else {
            return path
        }
        return Array(path.dropLast(deleted.count))
    }

    /// The cgroups of the process, one a hierarchy.
    package func cgroups(of process: ProcessID) throws(FileError) -> [CgroupMembership] {
        let contents = try readFile("\(root)/\(process)/cgroup")
        return contents.lines.compactMap(CgroupMembership.init)
    }

    private func isSameFile(_ path: [UInt8], _ link: String) -> Bool {
        var named = stat()
        var linked = stat()
        let name = (path + [0]).map(CChar.init(bitPattern:))
        guard retryingOnInterrupt({ unsafe stat(name, &named) }) == 0,
            retryingOnInterrupt({ unsafe stat(link, &linked) }) == 0
        else { return false }
        return named.st_dev == linked.st_dev && named.st_ino == linked.st_ino
    }
}

extension SocketInode {
    /// The inode that `socket:[INODE]` names; nil for what is no socket.
    init?(linkTarget target: RawSpan) {
        let prefix: StaticString = "socket:["
        let prefixByteCount = prefix.utf8CodeUnitCount
        guard target.byteCount > prefixByteCount + 1, target.hasPrefix(prefix) else { return nil }
        let digits = prefixByteCount..<target.byteCount - 1
        guard target.byte(at: digits.upperBound) == 0x5D,
            let number = target.extracting(digits).decimal, let inode = UInt32(exactly: number)
        else { return nil }
        self.init(rawValue: inode)
    }
}

extension RawSpan {
    fileprivate func hasPrefix(_ prefix: StaticString) -> Bool {
        prefix.withUTF8Buffer { prefix in
            guard byteCount >= prefix.count else { return false }
            for index in prefix.indices where unsafe byte(at: index) != prefix[index] {
                return false
            }
            return true
        }
    }
}
