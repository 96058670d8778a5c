import Foundation
import HostFakes
import Procfs
import SystemPackage
import TCPModel
import TableFakes
import TestSupport
import Testing

@testable import Owners

/// What the owner of a row is, asked later.
struct OwningProcessTests {
    private let proc: FakeHost

    init() throws { proc = try FakeHost() }

    /// The process as a table would have it that was read now.
    private func process(_ pid: Int32) throws -> OwningProcess {
        let statistics = try proc.procfs.statistics(of: ProcessID(rawValue: pid))
        return OwningProcess(
            ProcessIdentity(
                process: ProcessID(rawValue: pid), startTimeTicks: statistics.startTimeTicks),
            command: statistics.command)
    }

    @Test func aProcessIsItsModuleAndItsExecutable() throws {
        try proc.put(
            10, .init(executable: "/usr/sbin/nginx", cgroups: [":/system.slice/web.service"]))
        let owner = try process(10).owner(proc.procfs)
        #expect(owner.module == OwnerModule(name: "web.service", kind: .service))
        #expect(owner.path == "/usr/sbin/nginx")
    }

    @Test func thePathIsWholeWhateverItsLength() throws {
        let path = "/opt/" + String(repeating: "0123456789abcdef/", count: 200) + "program"
        try proc.put(10, .init(executable: path))
        #expect(try process(10).owner(proc.procfs).path == path)
    }

    @Test func aProcessThatHasEndedIsNotFound() throws {
        try proc.put(10, .init())
        let process = try process(10)
        try proc.end(10)
        #expect(throws: OwnerError.notFound(process: 10)) { try process.owner(proc.procfs) }
    }

    @Test func aProcessThatHasTheNumberNowIsNotAskedForItsPredecessor() throws {
        try proc.put(10, .init(start: 1000))
        let process = try process(10)
        try proc.put(10, .init(start: 2000))
        #expect(throws: OwnerError.notFound(process: 10)) { try process.owner(proc.procfs) }
    }

    @Test func aProcessThatRunsAnotherProgramHasChanged() throws {
        try proc.put(10, .init(executable: "/bin/before"))
        let process = try process(10)
        try proc.put(10, .init(executable: "/bin/after"))
        #expect(throws: OwnerError.changed(process: 10)) { try process.owner(proc.procfs) }
    }

    @Test func withTheNumberAloneWhoHasItNowIsTold() throws {
        try proc.put(10, .init(executable: "/bin/any"))
        #expect(try OwningProcess(id: 10).owner(proc.procfs).module.name == "any")
    }

    @Test func aKernelThreadHasANameAndNoPath() throws {
        try proc.put(10, .init(command: "kworker", executable: nil))
        let owner = try process(10).owner(proc.procfs)
        #expect(owner.module.name == "kworker")
        #expect(owner.path.isEmpty)
    }

    /// Numbers that no process can have do no harm either.
    @Test(arguments: [0, -1, Int32.min, Int32.max])
    func nobodysNumberIsNotFound(_ id: Int32) {
        #expect(throws: OwnerError.notFound(process: id)) {
            try OwningProcess(id: id).owner(ProcFS())
        }
    }

    @Test func ourselvesAreThisProgram() throws {
        let owner = try OwningProcess(id: getpid()).owner(ProcFS())
        #expect(
            owner.path
                == (try? FileManager.default.destinationOfSymbolicLink(
                    atPath: "/proc/self/exe")))
    }

    @Test(.requires(.root)) func anotherUsersProcessIsProtectedFromThoseWithoutRights() throws {
        let other = try ChildProcess("sleep", ["60"])
        defer { other.send(SIGTERM) }
        let process = OwningProcess(id: other.processID)
        #expect(throws: Never.self) { try process.owner(ProcFS()) }
        #expect(throws: OwnerError.protected(process: other.processID)) {
            try withoutCapabilities { try process.owner(ProcFS()) }
        }
    }

    /// Whichever call fails, the answer is an error that says so, or the truth.
    @Test func whateverCallFailsTheAnswerIsTrueOrAnError() throws {
        try proc.put(10, .init(executable: "/usr/sbin/nginx"))
        let process = try process(10)
        let allowed: [OwnerError] = [
            .unreadable(process: 10, .tooManyOpenFiles), .changed(process: 10),
        ]
        let outcomes = withEachCallFailing(.tooManyOpenFiles) { try process.owner(proc.procfs) }
        #expect(outcomes.count > 10)
        for outcome in outcomes {
            #expect(outcome.descriptorsLeftOpen == 0)
            switch outcome.result {
            case .success(let owner): #expect(owner.path == "/usr/sbin/nginx")
            case .failure(let error as OwnerError): #expect(allowed.contains(error), "\(error)")
            case .failure(let error): Issue.record(error)
            }
        }
    }

    @Test(arguments: [
        (OwnerError.notFound(process: nil), "no process that can be seen holds the connection"),
        (.notFound(process: 812), "process 812, which held the connection, has ended"),
        (.changed(process: 812), "process 812 changed while its owner was looked up"),
        (.protected(process: 812), "cannot inspect process 812: permission denied"),
        (
            .unreadable(process: 812, .noMemory),
            "cannot look up process 812: Cannot allocate memory"
        ),
    ])
    func errorsSayWhatIsAmiss(_ error: OwnerError, _ text: String) {
        #expect(error.description == text)
    }
}
