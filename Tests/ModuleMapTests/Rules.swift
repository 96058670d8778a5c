import Configuration
import Synchronization
import SystemPackage
import TCPModel

@testable import ModuleMap

/// Processes as a test makes them up.
final class MadeUpProcesses: ProcessDetails {
    struct Process: Sendable {
        var user: UInt32 = 1000
        var arguments: [UInt8] = []
        var error: Errno?

        init(user: UInt32 = 1000, _ arguments: String = "", error: Errno? = nil) {
            self.user = user
            self.arguments = Array(arguments.utf8)
            self.error = error
        }
    }

    struct State: Sendable {
        var processes: [Int32: Process] = [:]
        var userReadCount = 0
        var lineReadCount = 0
    }

    let state: Mutex<State>

    init(_ processes: [Int32: Process] = [:]) {
        state = Mutex(State(processes: processes))
    }

    func userID(of process: ProcessID) throws(FileError) -> UInt32 {
        let user = state.withLock { state in
            state.userReadCount += 1
            return state.processes[process.rawValue]?.user
        }
        guard let user else { throw FileError(.open, "status", .noSuchFileOrDirectory) }
        return user
    }

    func commandLine(
        of process: ProcessID, byteCountMax: Int, within timeMax: Duration
    ) throws(FileError) -> [UInt8] {
        let found = state.withLock { state in
            state.lineReadCount += 1
            return state.processes[process.rawValue]
        }
        if let error = found?.error { throw FileError(.read, "cmdline", error) }
        guard let found else { throw FileError(.open, "cmdline", .noSuchFileOrDirectory) }
        return Array(found.arguments.prefix(byteCountMax))
    }
}

/// A file that a test writes.
final class WrittenFile: Sendable {
    private let contents: Mutex<(text: String?, version: UInt)>

    init(_ text: String?) { contents = Mutex((text, 1)) }

    /// Nil: it is gone.
    func write(_ text: String?) { contents.withLock { $0 = (text, $0.version + 1) } }

    var files: ConfigurationFiles {
        ConfigurationFiles(
            identify: { [self] _ in
                contents.withLock { contents in
                    contents.text.map {
                        FileIdentity(
                            inode: contents.version, byteCount: $0.utf8.count, modified: [])
                    }
                }
            },
            read: { [self] _ throws(FileRefusal) in
                guard let text = contents.withLock({ $0.text }) else {
                    throw FileRefusal("No such file or directory")
                }
                return Array(text.utf8)
            })
    }
}

extension WatchedModuleMap {
    convenience init(
        _ text: String, _ details: any ProcessDetails = MadeUpProcesses(),
        timeMax: Duration? = nil
    ) throws(ModuleMapError) {
        try self.init(
            path: "map.yml", files: WrittenFile(text).files, details: details, timeMax: timeMax)
    }

    /// What the rules say, as text.
    func answer(
        _ process: Int32 = 10, executable: String = "/usr/bin/java", cgroup: String = "/",
        hasModule: Bool = false
    ) -> String {
        let facts = ProcessFacts(
            process: ProcessID(rawValue: process), executable: Array(executable.utf8),
            cgroups: [CgroupMembership(controllers: "", path: Array(cgroup.utf8))],
            hasModule: hasModule)
        switch name(of: facts) {
        case .named(let name): return String(decoding: name, as: UTF8.self)
        case .unnamed: return "(unnamed)"
        case .unknown: return "(unknown)"
        }
    }
}
