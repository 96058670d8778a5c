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

    /// The descriptors of one thread of a process.
    func descriptors(
        of process: ProcessID, thread: ProcessID
    ) throws(FileError) -> DescriptorDirectory {
        try DescriptorDirectory("\(root)/\(process)/task/\(thread)/fd")
    }

    /// How many descriptors one thread of a process holds, and whose it is.
    func descriptorTable(
        of process: ProcessID, thread: ProcessID
    ) -> (count: Int64, userID: UInt32)? {
        var status = stat()
        guard unsafe stat("\(root)/\(process)/task/\(thread)/fd", &status) == 0 else { return nil }
        return (Int64(status.st_size), status.st_uid)
    }

    /// How many threads a process has: the links of `/proc/PID/task`, less the directory's own two.
    func threadCount(of process: ProcessID) -> Int {
        var status = stat()
        guard unsafe stat("\(root)/\(process)/task", &status) == 0 else { return 0 }
        return Int(status.st_nlink) - 2
    }

    /// The threads of a process; none when it is gone.
    func threads(of process: ProcessID) -> [ProcessID] {
        var threads: [ProcessID] = []
        guard let entries = try? DirectoryStream("\(root)/\(process)/task") else { return [] }
        while let entry = try? entries.next() {
            guard let number = entries.number(of: entry), let id = Int32(exactly: number)
            else { continue }
            threads.append(ProcessID(rawValue: id))
        }
        return threads
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
        let path = try executableLink(of: process)
        let deleted = Array(" (deleted)".utf8)
        return path.suffix(deleted.count).elementsEqual(deleted)
            ? Array(path.dropLast(deleted.count)) : path
    }

    /// A process whose main thread has ended has an executable in its other threads alone.
    private func executableLink(of process: ProcessID) throws(FileError) -> [UInt8] {
        do throws(FileError) {
            return try readLink("\(root)/\(process)/exe")
        } catch {
            guard error.isGone, threadCount(of: process) > 1 else { throw error }
            for thread in threads(of: process) where thread != process {
                let link = "\(root)/\(process)/task/\(thread)/exe"
                if let path = try? readLink(link) { return path }
            }
            throw error
        }
    }

    /// The cgroups of the process, one a hierarchy; none where the host has no hierarchies, and never
    /// none elsewhere, where every process is in one.
    package func cgroups(of process: ProcessID) throws(FileError) -> [CgroupMembership] {
        do throws(FileError) {
            let memberships = try cgroups(ofDirectory: "\(process)")
            if !memberships.isEmpty { return memberships }
        } catch {
            if !error.isGone || isDividedIntoCgroups { throw error }
        }
        if isDividedIntoCgroups {
            throw FileError(.understand, "\(root)/\(process)/cgroup", .contents("no cgroup"))
        }
        return []
    }

    private var isDividedIntoCgroups: Bool {
        (try? cgroups(ofDirectory: "self"))?.isEmpty == false
    }

    private func cgroups(ofDirectory name: String) throws(FileError) -> [CgroupMembership] {
        try readFile("\(root)/\(name)/cgroup").lines.compactMap(CgroupMembership.init)
    }
}
