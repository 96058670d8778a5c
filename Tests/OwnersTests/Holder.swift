import Foundation
import Procfs
import SockDiag
import TCPModel
import TableFakes
import TestSupport
import Testing

@testable import Owners

/// A running `tcptable_holder`; dies with this object, which is to live until `end()`.
final class Holder {
    let process: ChildProcess
    private let cgroup: TestCgroup?

    /// - Parameters:
    ///   - command: What it does.
    ///   - executable: A copy of it, to run under another name.
    ///   - cgroup: Where it opens its sockets; removed at the end.
    init(
        _ command: [String], as executable: String? = nil,
        in cgroup: TestCgroup? = nil
    ) throws {
        let options = cgroup.map { ["--cgroup=\($0.directory)"] } ?? []
        process = try ChildProcess(
            executable ?? testProgram("tcptable_holder"), options + command)
        self.cgroup = cgroup
        try process.awaitOutput("ready\n")
    }

    deinit { end() }

    func end() {
        process.send(SIGKILL)
        _ = try? process.wait()
        cgroup?.remove()
    }
}

/// A directory of the mounted cgroup v2.
///
/// It lies in a directory of its own, so that no two tests meet, and no service of the host.
final class TestCgroup {
    let directory: String
    private let top: String

    /// - Parameter path: Below the test's own directory.
    init(_ path: String) throws {
        let root = try #require(CgroupFS().root)
        top = "\(root)/tcptable-test-\(UUID().uuidString)"
        directory = "\(top)/\(path)"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
    }

    /// The id that sockets made here have.
    var id: UInt64 {
        var status = stat()
        return unsafe stat(directory, &status) == 0 ? UInt64(status.st_ino) : 0
    }

    /// Removes the directories, the innermost first, as far as no process is in them.
    func remove() {
        var path = directory
        while path.count >= top.count {
            // The kernel may need a moment to see that the last process is gone.
            for _ in 0..<200 where unsafe rmdir(path) != 0 && errno == EBUSY { usleep(5_000) }
            path = (path as NSString).deletingLastPathComponent
        }
    }
}

/// A directory for programs under names of the test's choice, until it is removed.
struct ProgramDirectory {
    let path = NSTemporaryDirectory() + "tcptable-programs-\(UUID().uuidString)"

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// Foundation copies and removes nothing under very long paths, and does not tell.
    func remove() { _ = try? run("rm", ["-rf", path]) }

    /// A copy of `tcptable_holder`.
    func copy(as name: String) throws -> String {
        let copy = "\(path)/\(name)"
        try copyExecutable(testProgram("tcptable_holder"), to: copy)
        return copy
    }
}

extension Scrapes {
    /// Of this host, as it is.
    static func real(_ procfs: ProcFS = ProcFS()) -> Scrapes {
        Scrapes(
            OwnerResolver(
                holders: HolderWay.current.holders(procfs), information: procfs, cgroups: CgroupFS()
            ))
    }

    /// One scrape of the calling thread's network namespace.
    mutating func scrapeKernel() throws -> Answers {
        let rows = try kernelRows()
        return scrape(rows)
    }
}

/// The kernel's table of the calling thread's network namespace.
func kernelRows() throws -> [TCPConnection] {
    var source = SockDiagSource(ProcFS())
    return try source.rows().rows
}

extension Requirement {
    /// The right to make cgroups and network namespaces.
    static let cgroups = Requirement("a writable cgroup v2 mount, as root") {
        guard geteuid() == 0, let root = CgroupFS().root else { return false }
        return unsafe access(root, W_OK) == 0
    }
}
