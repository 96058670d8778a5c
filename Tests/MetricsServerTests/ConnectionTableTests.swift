import Glibc
import Linux
import Testing

@testable import MetricsServer

/// Who has to go, without a socket.
struct ConnectionTableTests {
    @Test func theLongestReadingGoesForANewOne() {
        var table = Table { $0.connectionsMax = 3 }
        for descriptor: CInt in 1...3 { #expect(table.open(descriptor) == nil) }
        table.write(1, at: 10)
        table.move(1, to: .reading, at: 20)
        #expect(table.open(4, at: 30) == 2)
        #expect(table.openCount == 3 && table.presentCount == 4)
        #expect(table.open(5, at: 30) == 3)
        #expect(table.open(6, at: 30) == 1)
        #expect(table.endedCounts == [0, 0, 3, 0, 0])
    }

    @Test func whoWritesStaysForASecond() {
        var table = Table { $0.connectionsMax = 2 }
        for descriptor: CInt in 1...2 {
            _ = table.open(descriptor)
            table.write(descriptor, at: 0)
        }
        #expect(table.open(3, at: 999) == 3)
        #expect(table.endedCounts == [0, 1, 0, 0, 0])
        #expect(table.open(4, at: 1000) == .init(descriptor: 1, awaitsResponse: true))
        #expect(table.endedCounts == [0, 1, 1, 0, 0])
    }

    /// However fast a few clients fill the table with connections that they do not read from.
    @Test func aClientWithFewConnectionsTakesThePlaceOfOneOfMany() {
        var table = Table { $0.connectionsMax = 5 }
        let (one, two, three) = (
            ClientAddress(ipv4: 1), ClientAddress(ipv4: 2), ClientAddress(ipv4: 3)
        )
        for (descriptor, client) in [(1, one), (2, one), (3, two), (4, two), (5, two)] {
            _ = table.open(CInt(descriptor), from: client)
            table.write(CInt(descriptor), at: 0)
        }
        #expect(table.open(6, from: three, at: 1) == .init(descriptor: 3, awaitsResponse: true))
        table.write(6, at: 1)
        // Two have two each: another one of theirs makes nobody's share fairer.
        #expect(table.open(7, from: one, at: 2) == 7)
        #expect(table.endedCounts == [0, 1, 1, 0, 0])
    }

    /// However slow the handler is.
    @Test func aClientWithFewConnectionsTakesThePlaceOfARequestThatWaits() {
        var table = Table { $0.connectionsMax = 3 }
        let (one, two, three) = (
            ClientAddress(ipv4: 1), ClientAddress(ipv4: 2), ClientAddress(ipv4: 3)
        )
        for (descriptor, client) in [(1, one), (2, two), (3, two)] {
            _ = table.open(CInt(descriptor), from: client)
            table.move(CInt(descriptor), to: .handling, at: 0)
        }
        #expect(table.open(4, from: three, at: 1) == .init(descriptor: 2, awaitsResponse: true))
        // Its response comes too late.
        #expect(table.write(2, at: 2) == [])
        table.move(4, to: .handling, at: 2)
        #expect(table.open(5, from: three, at: 3) == 5)
        #expect(table.endedCounts == [0, 1, 1, 0, 0])
    }

    @Test func whoWaitsForItsHandlerIsNotClosedForOneOfAsMany() {
        var table = Table { $0.connectionsMax = 1 }
        _ = table.open(1)
        table.move(1, to: .handling, at: 0)
        #expect(table.expire(at: 1_000_000) == [])
        #expect(table.open(2, at: 1_000_000) == 2)
        #expect(table.openCount == 1)
    }

    @Test func aClientAtItsLimitLosesItsLongestReading() {
        var table = Table { $0.connectionsPerClientMax = 2 }
        let (one, other) = (ClientAddress(ipv4: 1), ClientAddress(ipv4: 2))
        for (descriptor, client) in [(1, other), (2, one), (3, one), (4, nil), (5, nil), (6, nil)] {
            #expect(table.open(CInt(descriptor), from: client) == nil)
        }
        #expect(table.open(7, from: one) == 2)
        table.move(3, to: .handling, at: 1)
        #expect(table.open(8, from: one, at: 1) == 7)
        table.write(8, at: 2)
        #expect(table.open(9, from: one, at: 3) == 9)
        #expect(table.open(10, from: one, at: 1002) == .init(descriptor: 8, awaitsResponse: true))
        #expect(table.endedCounts == [4, 0, 0, 0, 0])
        table.close(3)
        #expect(table.open(11, from: one) == nil)
    }

    @Test func aClientsOwnConnectionGoesBeforeThoseOfOthers() {
        var table = Table { $0.connectionsMax = 3 }
        let (one, other) = (ClientAddress(ipv4: 1), ClientAddress(ipv4: 2))
        for (descriptor, client) in [(1, one), (2, other), (3, other)] {
            _ = table.open(CInt(descriptor), from: client)
        }
        #expect(table.open(4, from: other) == 2)
        #expect(table.open(5, from: ClientAddress(ipv4: 3)) == 1)
    }

    @Test func aRequestHasItsTimeAndSoHasItsResponse() {
        var table = Table { limits in
            limits.idleTimeoutSeconds = 5
            limits.requestTimeoutSeconds = 10
        }
        _ = table.open(1)
        _ = table.open(2)
        #expect(table.nextDue(at: 0) == 10_000)
        #expect(table.expire(at: 14_999) == [])
        table.write(2, at: 14_999)
        #expect(table.nextDue(at: 14_999) == 15_000)
        #expect(table.expire(at: 15_000) == [1])
        table.move(2, to: .handling, at: 20_000)
        table.write(2, at: 90_000)
        #expect(table.expire(at: 99_999) == [])
        #expect(table.expire(at: 100_000) == [.init(descriptor: 2, awaitsResponse: true)])
        // Its end is counted once, and what still happens to it is nothing.
        table.move(2, to: .reading, at: 100_000)
        #expect(table.openCount == 0 && table.presentCount == 2)
        table.close(2)
        #expect(table.presentCount == 1 && table.endedCounts == [0, 0, 0, 2, 0])
    }

    @Test(arguments: [(0, 10), (10, 0), (0, 0)])
    func withoutATimeoutNobodyExpires(_ idle: Int, _ request: Int) {
        var table = Table { limits in
            limits.idleTimeoutSeconds = idle
            limits.requestTimeoutSeconds = request
        }
        _ = table.open(1)
        #expect(table.expire(at: 1_000_000_000) == [])
        #expect((table.nextDue(at: 0) == nil) == (request == 0))
    }

    @Test func aNumberThatComesAgainIsANewConnection() {
        var table = Table { $0.connectionsPerClientMax = 1 }
        let client = ClientAddress(ipv4: 1)
        #expect(table.open(1, from: client) == nil)
        #expect(table.open(1, from: client, at: 1) == nil)
        #expect(table.openCount == 1 && table.endedCounts == [0, 0, 0, 0, 1])
    }

    @Test func whatIsClosingTakesRoomUntilItIsClosed() {
        var table = Table { $0.connectionsMax = 1 }
        for descriptor: CInt in 1...129 {
            #expect(table.hasRoom)
            _ = table.open(descriptor)
        }
        #expect(!table.hasRoom && table.openCount == 1)
        table.close(1)
        #expect(table.hasRoom)
    }

    @Test func responsesBeyondTheLimitCostThoseWhoHaveBeenWritingLongest() {
        var table = Table { $0.responseBytesMax = 100 }
        for descriptor: CInt in 1...4 { _ = table.open(descriptor) }
        #expect(table.write(1, 40, at: 0) == [])
        #expect(table.write(2, 40, at: 1) == [])
        #expect(table.write(3, 40, at: 2) == [.init(descriptor: 1, awaitsResponse: true)])
        #expect(table.responseByteCount == 80)
        // A single one that is too large is written all the same.
        #expect(table.write(4, 400, at: 3).map(\.descriptor) == [2, 3])
        table.move(4, to: .reading, at: 4)
        #expect(table.responseByteCount == 0)
    }

    @Test func aResponseThatManyTakeCountsOnce() {
        var table = Table { $0.responseBytesMax = 100 }
        let shared = [UInt8](repeating: 0, count: 90)
        for descriptor: CInt in 1...50 {
            _ = table.open(descriptor)
            #expect(table.write(descriptor, shared, at: 0) == [])
        }
        #expect(table.responseByteCount == 90)
        // All of them go for another, since the last one keeps the bytes.
        _ = table.open(51)
        #expect(table.write(51, 20, at: 1).count == 50)
        #expect(table.responseByteCount == 20)
    }

    @Test func allAreClosedButThoseThatAreNotServedYet() {
        var table = Table { _ in }
        _ = table.open(1)
        table.accept(2)
        #expect(table.closeAll() == [1])
        #expect(table.openCount == 0 && table.presentCount == 2)
        table.close(2)
        #expect(table.presentCount == 1 && table.endedCounts == [0, 0, 0, 0, 1])
    }

    /// Against the plainest bookkeeping, an array in the order of arrival.
    @Test func whateverHappensTheOrderIsKept() {
        var random = SystemRandomNumberGenerator()
        var table = Table { $0.connectionsMax = 1000 }
        var order: [CInt] = []
        for step in 0..<20_000 {
            let descriptor = CInt.random(in: 0..<50, using: &random)
            if let place = order.firstIndex(of: descriptor) {
                order.remove(at: place)
                if step % 2 == 0 {
                    table.close(descriptor)
                } else {
                    table.move(descriptor, to: .reading, at: step)
                    order.append(descriptor)
                }
            } else {
                let client = ClientAddress(ipv4: UInt32(step % 7))
                _ = table.open(descriptor, from: step % 3 == 0 ? nil : client, at: step)
                order.append(descriptor)
            }
            #expect(table.openCount == order.count && table.presentCount == order.count)
        }
        #expect(table.expire(at: 1_000_000).map(\.descriptor) == order)
    }

    @Test func anIPv4ClientIsOneBySocketsOfBothFamilies() throws {
        let mapped = try #require(ipv6("::ffff:192.0.2.1"))
        #expect(ClientAddress(ipv6: mapped) == ClientAddress(ipv4: UInt32(0xc000_0201).bigEndian))
        let other = try #require(ipv6("::ffff:192.0.2.2"))
        #expect(ClientAddress(ipv6: mapped) != ClientAddress(ipv6: other))
    }

    @Test(arguments: [
        ("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true),
        ("2001:db8::1", "2001:db8:0:1::1", false), ("::1", "2001:db8::1", false),
    ])
    func anIPv6ClientIsItsNetwork(_ one: String, _ other: String, _ isSame: Bool) throws {
        let (one, other) = (try #require(ipv6(one)), try #require(ipv6(other)))
        #expect((ClientAddress(ipv6: one) == ClientAddress(ipv6: other)) == isSame)
    }

    private func ipv6(_ text: String) -> in6_addr? {
        var address = in6_addr()
        return unsafe inet_pton(AF_INET6, text, &address) == 1 ? address : nil
    }
}

extension ConnectionTable.ConnectionToClose: ExpressibleByIntegerLiteral {
    /// One that waits for a request.
    public init(integerLiteral descriptor: CInt) {
        self.init(descriptor: descriptor, awaitsResponse: false)
    }
}

/// A table with a clock of milliseconds.
private struct Table {
    private var table: ConnectionTable

    init(_ adjust: (inout ServerLimits) -> Void) {
        var limits = ServerLimits()
        adjust(&limits)
        table = ConnectionTable(ConnectionLimits(limits))
    }

    var openCount: Int { table.openCount }
    var presentCount: Int { table.presentCount }
    var endedCounts: [UInt64] { table.endedCounts }
    var responseByteCount: Int { table.responseByteCount }
    var hasRoom: Bool { table.hasRoom }

    mutating func accept(_ descriptor: CInt, from client: ClientAddress? = nil) {
        table.accept(descriptor, from: client)
    }

    /// Accepts a connection, and serves it.
    mutating func open(
        _ descriptor: CInt, from client: ClientAddress? = nil, at milliseconds: Int = 0
    ) -> ConnectionTable.ConnectionToClose? {
        accept(descriptor, from: client)
        return table.start(descriptor, at: time(milliseconds))
    }

    mutating func move(_ descriptor: CInt, to phase: ConnectionTable.Phase, at milliseconds: Int) {
        table.move(descriptor, to: phase, at: time(milliseconds))
    }

    @discardableResult
    mutating func write(
        _ descriptor: CInt, _ byteCount: Int = 1, at milliseconds: Int
    ) -> [ConnectionTable.ConnectionToClose] {
        let body = [UInt8](repeating: 0, count: byteCount)
        bodies.append(body)
        return write(descriptor, body, at: milliseconds)
    }

    mutating func write(
        _ descriptor: CInt, _ body: [UInt8], at milliseconds: Int
    ) -> [ConnectionTable.ConnectionToClose] {
        table.write(descriptor, ResponseBody(body), at: time(milliseconds))
    }

    mutating func close(_ descriptor: CInt) { table.close(descriptor) }

    mutating func expire(at milliseconds: Int) -> [ConnectionTable.ConnectionToClose] {
        table.expire(at: time(milliseconds))
    }

    mutating func closeAll() -> [ConnectionTable.ConnectionToClose] { table.closeAll() }

    func nextDue(at milliseconds: Int) -> Int64? {
        table.nextDue(at: time(milliseconds)).map { $0.nanoseconds / 1_000_000 }
    }

    /// Kept, so that each has an address of its own.
    private var bodies: [[UInt8]] = []

    private func time(_ milliseconds: Int) -> MonotonicTime {
        MonotonicTime(nanoseconds: Int64(milliseconds) * 1_000_000)
    }
}
