import Foundation
import Procfs
import TCPTable
import TestSupport
import Testing

/// The library as a program sees it that imports it, on a real table.
@Suite(.requires(.networkNamespaces))
struct SnapshotTests {
    @Test(arguments: SocketScenario.allCases, SocketFamily.allCases)
    func theSnapshotHasEveryRowAndTheirHolder(
        _ scenario: SocketScenario, _ family: SocketFamily
    ) throws {
        try inNewNetworkNamespace {
            let held = try HeldSockets(scenario, family)
            defer { held.close() }
            let table = try TCPTable.snapshot()
            let expected = kernelListsBoundSockets ? held.rows : held.rows.without(.close)
            #expect(TableRows(table) == expected)
            for row in table where row.inode != nil {
                #expect(row.process?.id == getpid())
                #expect(row.module?.kind == .process || row.module?.kind == .container)
            }
        }
    }

    @Test func aFamilysSnapshotIsItsPartOfTheWhole() throws {
        try inNewNetworkNamespace {
            let ipv4 = try HeldSockets(.established, .ipv4)
            let ipv6 = try HeldSockets(.established, .ipv6)
            let dual = try HeldSockets(.dualStack, .ipv4)
            defer { for held in [ipv4, ipv6, dual] { held.close() } }
            let whole = try TCPTable.snapshot()
            for family in AddressFamily.allCases {
                let part = try TCPTable.snapshot(family: family)
                #expect(
                    Set(part.map(\.cookie))
                        == Set(whole.filter { $0.family == family }.map(\.cookie)))
                #expect(!part.isEmpty)
            }
        }
    }

    @Test func withoutOwnersNoProcessIsLookedAt() throws {
        try inNewNetworkNamespace {
            let held = try HeldSockets(.listen, .ipv4)
            defer { held.close() }
            // What is read once in a process is read now.
            var table: TCPTable? = try TCPTable.snapshot(includingOwners: false)
            let calls = try countCalls { table = try TCPTable.snapshot(includingOwners: false) }
            let row = try #require(table?.first)
            #expect(row.process == nil && row.module == nil && row.unattributedReason == nil)
            #expect(row.executablePath.isEmpty)
            #expect(table?.ordered().count == table?.count)
            // The dump of a few rows, and the look whether any has kernel TLS.
            #expect(calls < 15)
            #expect(try TCPTable.snapshot().first?.process?.id == getpid())
        }
    }

    @Test func anOrderedSnapshotIsInOrder() throws {
        try inNewNetworkNamespace {
            let held = try SocketScenario.allCases.map { try HeldSockets($0, .ipv4) }
            defer { for held in held { held.close() } }
            let table = try TCPTable.snapshot(ordered: true)
            #expect(table.map(\.cookie) == table.ordered().map(\.cookie))
            let ports = table.filter {
                $0.family == .ipv4 && $0.localAddress == table[0].localAddress
            }
            .map(\.localPort)
            #expect(ports == ports.sorted())
        }
    }

    @Test func aRowsOwnerIsLookedUpAsItIsNow() throws {
        try inNewNetworkNamespace {
            let held = try HeldSockets(.listen, .ipv4)
            defer { held.close() }
            let row = try #require(try TCPTable.snapshot().first { $0.state == .listen })
            let owner = try row.owner()
            #expect(owner.path == row.executablePath)
            #expect(owner.module == row.module)
            #expect(
                owner.path
                    == (try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            )
        }
    }

    @Test func aRowOfAProcessThatHasEndedHasNoOwnerAnyMore() throws {
        try inNewNetworkNamespace {
            let holder = try ChildProcess(testProgram("tcptable_holder"), ["listen"])
            while try !TCPTable.snapshot().contains(where: { $0.process?.id == holder.processID }) {
            }
            let row = try #require(
                try TCPTable.snapshot().first { $0.process?.id == holder.processID })
            #expect(row.module?.name == "tcptable_holder")
            holder.send(SIGKILL)
            _ = try holder.wait()
            #expect(throws: OwnerError.notFound(process: holder.processID)) { try row.owner() }
        }
    }

    /// Readers of different families, namespaces and threads share what they remember.
    @Test func threadsMayReadAtTheSameTime() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    try inNewNetworkNamespace {
                        let held = try HeldSockets(.established, number % 2 == 0 ? .ipv4 : .ipv6)
                        defer { held.close() }
                        for _ in 0..<20 {
                            let table = try TCPTable.snapshot()
                            #expect(TableRows(table) == held.rows)
                            #expect(table.allSatisfy { $0.process?.id == getpid() })
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

extension TableRows {
    fileprivate init(_ table: TCPTable) {
        self.init()
        for row in table {
            guard let state = SocketState(rawValue: row.connection.state.rawValue) else { continue }
            self[row.family == .ipv4 ? .ipv4 : .ipv6, state] += 1
        }
    }
}
