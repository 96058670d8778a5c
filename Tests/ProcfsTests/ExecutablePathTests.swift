import Foundation
import HostFakes
import SystemPackage
import TCPModel
import TestSupport
import Testing

@testable import Procfs

/// The kernel adds ` (deleted)` to the path of a file that is gone. Anybody may name a file so; whoever
/// does loses the suffix, because telling the two apart would take a look at the path.
struct ExecutablePathTests {
    @Test(arguments: ["sleeper", "a b\tc)", "ünï"])
    func anExecutableHasItsPath(_ name: String) throws {
        let sleeper = try Sleeper(name)
        #expect(try sleeper.executablePath() == sleeper.path)
    }

    @Test(arguments: ["sleeper", "sleeper (deleted)"])
    func aDeletedExecutableHasThePathItHad(_ name: String) throws {
        let sleeper = try Sleeper(name)
        try FileManager.default.removeItem(atPath: sleeper.path)
        #expect(try sleeper.executablePath() == sleeper.path)
    }

    @Test func aFileOfTheMarkedNameIsNotTheDeletedOne() throws {
        let sleeper = try Sleeper("sleeper")
        try FileManager.default.removeItem(atPath: sleeper.path)
        try FileManager.default.copyItem(
            atPath: "/bin/sleep", toPath: sleeper.path + " (deleted)")
        #expect(try sleeper.executablePath() == sleeper.path)
    }

    @Test func aReplacedExecutableHasThePathItHad() throws {
        let sleeper = try Sleeper("sleeper")
        try FileManager.default.removeItem(atPath: sleeper.path)
        try FileManager.default.copyItem(atPath: "/bin/sleep", toPath: sleeper.path)
        #expect(try sleeper.executablePath() == sleeper.path)
    }

    @Test func aNameThatEndsInTheSuffixLosesIt() throws {
        let sleeper = try Sleeper("sleeper (deleted)")
        #expect(try sleeper.executablePath() + " (deleted)" == sleeper.path)
    }

    /// `stat(2)` would ask the file system that the path is on, which any user may answer for.
    @Test func theLinkIsReadAndThePathIsNotTouched() throws {
        for name in ["sleeper", "sleeper (deleted)"] {
            let sleeper = try Sleeper(name)
            let expected = try sleeper.executablePath()
            let outcomes = withEachCallFailing(.interrupted) { try sleeper.executablePath() }
            #expect(outcomes.map(\.failedCall) == ["readlink"])
            for outcome in outcomes { #expect(try outcome.result.get() == expected) }
        }
    }
}

/// A running copy of `sleep` with a name of its own.
private final class Sleeper {
    let path: String
    private let directory: FileTree
    private let child: ChildProcess

    init(_ name: String) throws {
        directory = try FileTree()
        path = directory.root + "/" + name
        try copyExecutable("/bin/sleep", to: path)
        child = try ChildProcess(path, ["60"])
    }

    func executablePath() throws -> String {
        let path = try ProcFS().executablePath(of: ProcessID(rawValue: child.processID))
        return String(decoding: path, as: UTF8.self)
    }
}
