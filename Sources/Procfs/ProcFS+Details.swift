import SystemPackage
package import TCPModel

extension ProcFS: ProcessDetails {
    package func userID(of process: ProcessID) throws(FileError) -> UInt32 {
        let path = "\(root)/\(process)/status"
        let label = "Uid:".utf8
        let line = try readFile(path).lines.first { $0.starts(with: label) }
        // The real, the effective, the saved and the file system's.
        guard let words = line?.words, words.count == 5, let id = UInt64(decimal: words[2]),
            let id = UInt32(exactly: id)
        else { throw FileError(.understand, path, .contents("no line Uid: with four numbers")) }
        return id
    }

    /// Reading it takes the lock of the process' memory map, which another thread of the process can
    /// hold for as long as it waits for a file system that its user answers for. (A page that is missing
    /// ends the read: `userfaultfd(2)` cannot hold it up.)
    package func commandLine(
        of process: ProcessID, byteCountMax: Int, within timeMax: Duration
    ) throws(FileError) -> [UInt8] {
        let path = "\(root)/\(process)/cmdline"
        let user = try userID(of: process)
        let outcome: BoundedReads.Outcome?
        do throws(Errno) {
            outcome = try boundedReads.read(for: user, within: timeMax) {
                do throws(FileError) {
                    return .success(try readFile(path, byteCountMax: byteCountMax))
                } catch {
                    return .failure(error)
                }
            }
        } catch {
            throw FileError(.read, path, error)
        }
        guard let outcome else { throw FileError(.read, path, .timedOut) }
        return try outcome.get()
    }
}
