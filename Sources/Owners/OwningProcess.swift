import Glibc
public import SystemPackage
public import TCPModel

/// A process that held a connection's socket when the table was read.
///
/// Its number is reused after its life, so its start time and its command name are kept beside it: a
/// question about it is never answered with another process or program.
public struct OwningProcess: Hashable, Sendable {
    /// Its number, in the PID namespace of the mounted /proc.
    public let id: Int32
    /// When it started, in clock ticks since boot (`man 5 proc_pid_stat`, field 22); nil when the
    /// asker knows no more than the number.
    public let startTimeTicks: UInt64?
    /// What it called itself, as a hash; nil when not known.
    package let commandHash: UInt64?

    package init(id: Int32, startTimeTicks: UInt64? = nil, commandHash: UInt64? = nil) {
        self.id = id
        self.startTimeTicks = startTimeTicks
        self.commandHash = commandHash
    }

    init(_ identity: ProcessIdentity, command: [UInt8]) {
        self.init(
            id: identity.process.rawValue, startTimeTicks: identity.startTimeTicks,
            commandHash: SanitizedText.fnv1a(command))
    }

    /// Looks up what the process is now, like Windows' `GetOwnerModuleFromTcpEntry`.
    ///
    /// - Parameter containerName: What a container is called; nil is its ID.
    package func owner(
        _ information: any ProcessInformation,
        containerName: (ContainerFacts) -> ContainerName? = { _ in nil }
    ) throws(OwnerError) -> ConnectionOwner {
        let identity = try identity(information)
        let found: ProcessDescription
        do throws(FileError) {
            found = try ProcessDescription(identity, information)
        } catch {
            if error.isDenied { throw .protected(process: id) }
            // It was there a moment ago.
            if case .errno(let errno) = error.cause, !error.isGone {
                throw .unreadable(process: id, errno)
            }
            throw .changed(process: id)
        }
        if let commandHash, commandHash != SanitizedText.fnv1a(found.command) {
            throw .changed(process: id)
        }
        if found.isProtected { throw .protected(process: id) }
        let name = ContainerFacts(found.module, process: identity.process)
            .flatMap(containerName)
        return ConnectionOwner(
            module: OwnerModule(found.module, name),
            path: found.path(byteCountMax: Int(PATH_MAX)),
            isManager: found.isManager)
    }

    /// The process that has the number now, if it is this one.
    private func identity(
        _ information: any ProcessInformation
    ) throws(OwnerError) -> ProcessIdentity {
        let identity: ProcessIdentity
        do throws(FileError) {
            identity = try information.identity(of: ProcessID(rawValue: id))
        } catch {
            if error.isGone { throw .notFound(process: id) }
            if error.isDenied { throw .protected(process: id) }
            if case .errno(let errno) = error.cause { throw .unreadable(process: id, errno) }
            throw .changed(process: id)
        }
        let isSame = startTimeTicks == nil || startTimeTicks == identity.startTimeTicks
        if !isSame { throw .notFound(process: id) }
        return identity
    }
}

/// What a connection's owner is: its module, and the executable.
public struct ConnectionOwner: Hashable, Sendable {
    /// The service or container of the process, else its executable's name.
    public var module: OwnerModule
    /// The executable's path, invalid UTF-8 replaced; empty when it has none.
    public var path: String
    /// Whether the process is a service manager, which holds sockets for others.
    package var isManager: Bool
}

/// Why a connection's owner cannot be told, with the meanings that the Win32 API gives.
public enum OwnerError: Error, Equatable, Sendable {
    /// No process holds the connection (nil), or the one that did has ended
    /// (`ERROR_NOT_FOUND`).
    case notFound(process: Int32?)
    /// The owner has become another program, or ended while it was looked at (`ERROR_PARTIAL_COPY`).
    /// Reading the table anew tells more.
    case changed(process: Int32)
    /// The caller may not look into the owner (on Windows, success and two empty strings). It takes
    /// `CAP_SYS_PTRACE`.
    case protected(process: Int32)
    /// Looking it up failed: too many open files, no memory.
    case unreadable(process: Int32, Errno)
}

extension OwnerError: CustomStringConvertible {
    /// What could not be told, and why.
    public var description: String {
        switch self {
        case .notFound(nil): "no process that can be seen holds the connection"
        case .notFound(let process?): "process \(process), which held the connection, has ended"
        case .changed(let process): "process \(process) changed while its owner was looked up"
        case .protected(let process): "cannot inspect process \(process): permission denied"
        case .unreadable(let process, let errno): "cannot look up process \(process): \(errno)"
        }
    }
}

/// A process that holds sockets, as it was when the table was read.
package struct HoldingProcess: Sendable {
    package var process: OwningProcess
    /// The executable's path; empty when unknown.
    package var path: String
    /// What `ps` and `ss` call its program; empty when unknown.
    package var program: String
}
