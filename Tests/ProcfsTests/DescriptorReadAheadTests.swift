import HostFakes
import TCPModel
import Testing

@testable import Procfs

/// Two threads read each process once, whoever comes first.
struct DescriptorReadAheadTests {
    private let host: FakeHost
    private let processes = (10..<60).map { ProcessID(rawValue: $0) }

    init() throws {
        host = try FakeHost()
        for process in processes {
            let inode = UInt32(process.rawValue) * 100
            try host.put(process.rawValue, .init(sockets: [3: inode, 4: inode + 1]))
        }
    }

    private func readAhead() throws -> DescriptorReadAhead {
        try #require(
            DescriptorReadAhead(ProcFS(root: host.procRoot), processes, descriptorsMin: 0))
    }

    @Test func whatTheThreadReadIsWhatTheProcessHolds() throws {
        for _ in 0..<20 {
            let readAhead = try readAhead()
            defer { readAhead.end() }
            var ownCount = 0
            for process in processes {
                guard let reading = readAhead.reading(of: process) else {
                    ownCount += 1
                    continue
                }
                let inode = UInt32(process.rawValue) * 100
                #expect(reading.identity?.process == process)
                #expect(
                    reading.sockets.map(\.inode).sorted { $0.rawValue < $1.rawValue }
                        == [SocketInode(rawValue: inode), SocketInode(rawValue: inode + 1)])
                #expect(reading.failure == nil)
            }
            // The first is never the thread's before it is asked for, unless it has read all others.
            #expect(ownCount <= processes.count)
        }
    }

    @Test func aProcessThatIsGoneIsToldAndHoldsUpNothing() throws {
        let gone = try #require(processes.last)
        try host.end(gone.rawValue)
        let readAhead = try readAhead()
        defer { readAhead.end() }
        let last = readAhead.reading(of: gone)
        #expect(last == nil || last?.failure?.isGone == true)
    }

    /// The caller looks at the clock in between, and would not while it waits for the thread.
    @Test func aLargeProcessIsTheCallers() throws {
        let readAhead = try #require(
            DescriptorReadAhead(
                ProcFS(root: host.procRoot), processes, descriptorsMin: 0, descriptorsMax: 2))
        defer { readAhead.end() }
        for process in processes { #expect(readAhead.reading(of: process) == nil) }
    }

    @Test func aProcessThatItWasNotGivenIsTheCallers() throws {
        let readAhead = try readAhead()
        defer { readAhead.end() }
        #expect(readAhead.reading(of: ProcessID(rawValue: 5)) == nil)
    }

    @Test func forFewDescriptorsNoThreadStarts() {
        #expect(
            DescriptorReadAhead(ProcFS(root: host.procRoot), processes, descriptorsMin: .max) == nil
        )
    }
}
