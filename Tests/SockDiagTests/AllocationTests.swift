import TestSupport
import Testing

@testable import SockDiag

/// What a row costs in memory, counted and not timed: the same in every run and on every machine.
@Suite(.requires(.countedAllocations)) struct AllocationTests {
    /// Allocations of a whole dump of ten datagrams with so many rows each.
    private func allocations(rowsInADatagram rowCount: Int) throws -> (UInt, rows: Int) {
        let kernel = PlayedKernel { request in
            let rows = Array(repeating: request.row(.establishedIPv4), count: rowCount)
            let datagrams = Array(
                repeating: PlayedKernel.Event.datagram(Array(rows.joined())), count: 9)
            return datagrams + [.datagram(Array(rows.joined()) + request.done)]
        }
        let transport = kernel.transport()
        let request = InetDiagRequest(
            scope: .everyFamily, sequence: 1, includesUpperLayerProtocol: false)
        let walk = InetDiagWalk(transport: transport, request: request)
        var buffer = [UInt8](repeating: 0, count: 32 * 1024)
        var seen = 0
        func run() throws(SockDiagError) {
            _ = try walk.run(buffer: &buffer) { (_: borrowing InetDiagMessage) in seen += 1 }
        }
        try run()
        seen = 0
        let count = try countAllocations { try run() }
        return (count, seen)
    }

    /// None in an optimized build; an unoptimized one, as tests have it, boxes 25 values on the way.
    @Test func aRowOfADumpCostsNoMoreThanItDid() throws {
        let few = try allocations(rowsInADatagram: 2)
        let many = try allocations(rowsInADatagram: 200)
        #expect(few.rows == 20 && many.rows == 2_000)
        let rows = UInt(many.rows - few.rows)
        #expect(many.0 - few.0 <= 25 * rows + 100, "\(few.0) of 20 rows, \(many.0) of 2000")
    }
}
