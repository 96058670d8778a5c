import SystemPackage
import TCPModel

/// What a process is: its module, and its executable.
struct ProcessDescription {
    var module: ModuleIdentity
    /// The module that it would have without the administrator's rules.
    var program: ModuleIdentity
    /// Whether it could not be told in time which rule names it.
    var isNameUnknown: Bool
    /// The executable's path as bytes; empty when there is none, or it may not be read.
    var executable: [UInt8]
    /// The name that the process gave itself.
    var command: [UInt8]
    /// Whether its executable may not be read.
    var isProtected: Bool
    /// Whether it is a service manager, which holds sockets for the services that it starts.
    var isManager: Bool

    /// The executable's path as text.
    let path: String

    /// The executable's path as text of at most so many bytes.
    func path(byteCountMax: Int) -> String {
        SanitizedText.text(executable, byteCountMax: byteCountMax)
    }

    /// What people call the program: the name that the process gave itself, or the executable's where the
    /// kernel cut that (`TASK_COMM_LEN`).
    var programName: String {
        let file = executable.split(separator: UInt8(ascii: "/")).last ?? []
        let isCut = command.count == 15 && file.starts(with: command)
        return SanitizedText.name(isCut ? file : command[...])
    }

    /// Reads what the process is now. Throws when it is gone, was replaced or became another program
    /// meanwhile: what was read may then belong to another, and no name is better than a wrong one.
    init(
        _ identity: ProcessIdentity, _ information: any ProcessInformation,
        _ naming: (any ProcessNaming)? = nil
    ) throws(FileError) {
        let process = identity.process
        let command = try information.statistics(of: process).command
        let memberships = try Self.memberships(of: process, information)
        let executable = try Self.executable(of: process, information)
        let group = ModuleIdentity(memberships: memberships)
        let name = naming?.name(
            of: ProcessFacts(
                process: process, executable: executable ?? [], cgroups: memberships,
                hasModule: group != nil))
        let statistics = try information.statistics(of: process)
        guard statistics.startTimeTicks == identity.startTimeTicks, statistics.command == command
        else {
            throw FileError(
                .understand, "process \(process)",
                .contents("it has become another process or program"))
        }
        self.executable = executable ?? []
        path = SanitizedText.text(
            self.executable, byteCountMax: SanitizedText.pathByteCountMax)
        isProtected = executable == nil
        program =
            group
            ?? (self.executable.contains { $0 != UInt8(ascii: "/") }
                ? .executable(path: self.executable) : .command(command))
        module = if case .named(let name) = name { .mapped(name: name) } else { program }
        isNameUnknown = name == .unknown
        self.command = command
        isManager = Self.isManager(process, memberships)
    }

    /// Whether a process is a service manager: the first process in the cgroup `init.scope`, or any in
    /// that of a user's manager. Only systemd puts a process there: an application that is the first
    /// process of its PID namespace is in another.
    static func isManager(_ process: ProcessID, _ memberships: [CgroupMembership]) -> Bool {
        memberships.contains { membership in
            guard ["", "name=systemd"].contains(membership.controllers) else { return false }
            let units = membership.path.split(separator: UInt8(ascii: "/")).map(Array.init)
                .drop { !UnitName.holdsProcesses($0) }
            guard units.last == Array("init.scope".utf8), let first = units.first else {
                return false
            }
            let isUsers = UnitName(cgroupDirectory: first)?.managedUser != nil
            return isUsers ? units.count == 2 : units.count == 1 && process == .initial
        }
    }

    /// None where a path is longer than the kernel tells. Whatever else fails leaves no name behind: the
    /// process may be a service's or a container's.
    private static func memberships(
        of process: ProcessID, _ information: any ProcessInformation
    ) throws(FileError) -> [CgroupMembership] {
        do throws(FileError) {
            return try information.cgroups(of: process)
        } catch {
            if error.isPathTooLong { return [] }
            throw error
        }
    }

    /// Nil where it may not be read, nothing where it does not exist or is longer than the kernel tells.
    /// What fails only for the moment leaves no wrong name behind.
    private static func executable(
        of process: ProcessID, _ information: any ProcessInformation
    ) throws(FileError) -> [UInt8]? {
        do throws(FileError) {
            return try information.executablePath(of: process)
        } catch {
            if error.isDenied { return nil }
            if error.isGone || error.isPathTooLong { return [] }
            throw error
        }
    }
}
