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

    package func commandLine(
        of process: ProcessID, byteCountMax: Int
    ) throws(FileError) -> [UInt8] {
        try readFile("\(root)/\(process)/cmdline", byteCountMax: byteCountMax)
    }
}
