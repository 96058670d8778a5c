import Procfs
import SystemPackage

/// The module of a process, and its executable.
struct ProcessModule {
    var module: OwnerModule
    /// The executable's path; empty when there is none, or we may not know it.
    var executable: [UInt8]
    /// What the process calls itself.
    var command: [UInt8]
    /// Whether we may not know its executable.
    var isProtected: Bool

    /// The executable's path as text.
    func path(byteCountMax: Int) -> String {
        HostileText.text(executable, byteCountMax: byteCountMax)
    }

    /// Reads what the process is now. Throws when it is gone, was replaced or became another program
    /// meanwhile: what was read may then belong to another, and no name is better than a wrong one.
    init(_ identity: ProcessIdentity, _ procfs: ProcFS) throws(FileError) {
        let process = identity.process
        let command = try procfs.statistics(of: process).command
        let memberships = try Self.known { () throws(FileError) in
            try procfs.cgroups(of: process)
        }
        let executable = try Self.known { () throws(FileError) in
            try procfs.executablePath(of: process)
        }
        let statistics = try procfs.statistics(of: process)
        guard statistics.startTimeTicks == identity.startTimeTicks, statistics.command == command
        else {
            throw FileError(
                .understand, "\(procfs.root)/\(process)",
                .contents("it has become another process or program"))
        }
        self.executable = executable ?? []
        isProtected = executable == nil
        module =
            CgroupModule(memberships: memberships ?? [])?.module
            ?? Self.executableModule(self.executable, command: command)
        self.command = command
    }

    /// What can be known: nil where it may not be read, nothing where it does not exist or is a path
    /// that is longer than the kernel tells. What only fails for the moment leaves no wrong name behind.
    private static func known<Element>(
        _ read: () throws(FileError) -> [Element]
    ) throws(FileError) -> [Element]? {
        do throws(FileError) {
            return try read()
        } catch {
            if error.isDenied { return nil }
            if error.isGone || error.cause == .errno(.fileNameTooLong) { return [] }
            throw error
        }
    }

    /// The executable's name, else what the process calls itself.
    private static func executableModule(_ path: [UInt8], command: [UInt8]) -> OwnerModule {
        let base = path.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? command
        let name = HostileText.text(base, byteCountMax: HostileText.nameByteCountMax)
        return OwnerModule(name: name.isEmpty ? "unnamed" : name, kind: .process)
    }
}
