import Glibc
import Linux
package import TCPModel

// What /proc/PID tells about one process.
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

    func statistics(inDirectory name: String) throws(FileError) -> ProcessStatistics {
        let path = "\(root)/\(name)/stat"
        guard let statistics = ProcessStatistics(stat: try readFile(path)) else {
            throw FileError(.understand, path, .contents("not the fields of man 5 proc_pid_stat"))
        }
        return statistics
    }

    /// The path of the executable, as bytes: Linux paths are not text. Needs the right to trace the
    /// process. A kernel thread has none (`ENOENT`).
    ///
    /// The kernel appends ` (deleted)` to the path of a file that is gone, and a file's own name may end
    /// so too. The suffix always goes: to tell the cases apart, the path would have to be followed, and
    /// a file system that its user answers for could hold that up for ever.
    package func executablePath(of process: ProcessID) throws(FileError) -> [UInt8] {
        let path = try readLink("\(root)/\(process)/exe")
        let deleted = Array(" (deleted)".utf8)
        return path.suffix(deleted.count).elementsEqual(deleted)
            ? Array(path.dropLast(deleted.count)) : path
    }

    /// The cgroups of the process, one a hierarchy.
    package func cgroups(of process: ProcessID) throws(FileError) -> [CgroupMembership] {
        let contents = try readFile("\(root)/\(process)/cgroup")
        return contents.lines.compactMap(CgroupMembership.init)
    }
}
