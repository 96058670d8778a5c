import Glibc
import Synchronization
import SystemPackage
import TCPModel
import TestSupport
import Testing

@testable import Procfs

/// What a user holds up costs nobody else an answer.
struct BoundedReadsTests {
    private let reads = BoundedReads()
    private let gate = Gate()

    /// What the read of a user gives; it waits for the gate if it is to be stuck.
    private func read(_ user: UInt32, isStuck: Bool = false) throws -> [UInt8]? {
        let gate = gate
        return try reads.read(for: user, within: isStuck ? .milliseconds(10) : .seconds(60)) {
            gate.enter(isStuck: isStuck)
            return .success([UInt8(user)])
        }?.get()
    }

    @Test(.mustEnd) func onlyTheSameUserGoesWithout() throws {
        defer { gate.open() }
        #expect(try read(7) == [7])
        #expect(try read(7, isStuck: true) == nil)
        #expect(try read(7) == nil)
        #expect(try read(8) == [8])
        #expect(gate.entries == 3)
        gate.open()
        while try read(7) == nil {}
    }

    @Test(.mustEnd) func fewThreadsWaitHoweverManyUsersConspire() throws {
        defer { gate.open() }
        for user in 0..<UInt32(BoundedReads.threadsMax) + 4 {
            #expect(try read(user, isStuck: true) == nil)
        }
        // A thread that was given up may not have begun yet.
        while gate.entries < BoundedReads.threadsMax {}
        #expect(gate.entries == BoundedReads.threadsMax)
    }

    @Test func anErrorIsTheAnswer() throws {
        let error = FileError(.read, "x", .ioError)
        let outcome = try reads.read(for: 1, within: .seconds(60)) { .failure(error) }
        #expect(outcome == .failure(error))
    }
}

/// Holds up those that are to be stuck.
private final class Gate: Sendable {
    private let state = Mutex((entries: 0, isOpen: false))

    var entries: Int { state.withLock { $0.entries } }

    func enter(isStuck: Bool) {
        state.withLock { $0.entries += 1 }
        while isStuck, !state.withLock({ $0.isOpen }) { usleep(1000) }
    }

    func open() { state.withLock { $0.isOpen = true } }
}
