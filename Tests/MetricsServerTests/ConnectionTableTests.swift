import Glibc
import Linux
import Testing

@testable import MetricsServer

/// Who has to go, without a socket.
struct ConnectionTableTests {
    @Test func theLongestIdleGoesForANewOne() {
        var table = table { $0.connectionsMax = 3 }
        for descriptor: CInt in 1...3 {
            #expect(table.open(descriptor, from: nil, at: time(0)) == nil)
        }
        table.move(1, to: .writing, at: time(10))
        table.move(1, to: .reading, at: time(20))
        #expect(table.open(4, from: nil, at: time(30)) == .init(descriptor: 2, isWriting: false))
        #expect(table.openCount == 3)
        #expect(table.open(5, from: nil, at: time(30)) == .init(descriptor: 3, isWriting: false))
        #expect(table.open(6, from: nil, at: time(30)) == .init(descriptor: 1, isWriting: false))
        #expect(table.endedCounts == [0, 0, 3, 0, 0])
    }

    @Test func whoIsInTheMiddleOfARequestStaysForASecond() {
        var table = table { $0.connectionsMax = 2 }
        for descriptor: CInt in 1...2 {
            _ = table.open(descriptor, from: nil, at: time(0))
            table.move(descriptor, to: .writing, at: time(0))
        }
        #expect(table.open(3, from: nil, at: time(999)) == .init(descriptor: 3, isWriting: false))
        #expect(table.endedCounts == [0, 1, 0, 0, 0])
        #expect(table.open(4, from: nil, at: time(1000)) == .init(descriptor: 1, isWriting: true))
        #expect(table.endedCounts == [0, 1, 1, 0, 0])
    }

    @Test func whoWaitsForOurAnswerIsNeverGivenUp() {
        var table = table { $0.connectionsMax = 1 }
        _ = table.open(1, from: nil, at: time(0))
        table.move(1, to: .handling, at: time(0))
        #expect(table.expire(at: time(1_000_000)) == [])
        #expect(
            table.open(2, from: nil, at: time(1_000_000))
                == .init(descriptor: 2, isWriting: false))
        #expect(table.openCount == 1)
    }

    @Test func aClientHasOnlySoMany() {
        var table = table { $0.connectionsPerClientMax = 2 }
        let (one, other) = (ClientAddress(ipv4: 1), ClientAddress(ipv4: 2))
        for (descriptor, client) in [(1, one), (2, one), (3, other), (4, nil), (5, nil), (6, nil)] {
            #expect(table.open(CInt(descriptor), from: client, at: time(0)) == nil)
        }
        #expect(table.open(7, from: one, at: time(0)) == .init(descriptor: 7, isWriting: false))
        table.close(7)
        table.close(1)
        #expect(table.open(8, from: one, at: time(0)) == nil)
        #expect(table.endedCounts == [1, 0, 0, 0, 1])
    }

    @Test func aRequestHasItsTimeAndSoHasItsAnswer() {
        var table = table { limits in
            limits.idleTimeoutSeconds = 5
            limits.requestTimeoutSeconds = 10
        }
        _ = table.open(1, from: nil, at: time(0))
        _ = table.open(2, from: nil, at: time(0))
        #expect(table.nextDue(at: time(0)) == time(10_000))
        #expect(table.expire(at: time(14_999)) == [])
        table.move(2, to: .writing, at: time(14_999))
        #expect(table.nextDue(at: time(14_999)) == time(15_000))
        #expect(table.expire(at: time(15_000)) == [.init(descriptor: 1, isWriting: false)])
        table.move(2, to: .handling, at: time(20_000))
        table.move(2, to: .writing, at: time(90_000))
        #expect(table.expire(at: time(99_999)) == [])
        #expect(table.expire(at: time(100_000)) == [.init(descriptor: 2, isWriting: true)])
        // Its end is counted once, and what still happens to it is nothing.
        table.move(2, to: .reading, at: time(100_000))
        table.close(2)
        #expect(table.openCount == 0 && table.endedCounts == [0, 0, 0, 2, 0])
    }

    @Test(arguments: [(0, 10), (10, 0), (0, 0)])
    func withoutATimeoutNobodyExpires(_ idle: Int, _ request: Int) {
        var table = table { limits in
            limits.idleTimeoutSeconds = idle
            limits.requestTimeoutSeconds = request
        }
        _ = table.open(1, from: nil, at: time(0))
        #expect(table.expire(at: time(1_000_000_000)) == [])
        #expect((table.nextDue(at: time(0)) == nil) == (request == 0))
    }

    @Test func aNumberThatComesAgainIsANewConnection() {
        var table = table { $0.connectionsPerClientMax = 1 }
        let client = ClientAddress(ipv4: 1)
        #expect(table.open(1, from: client, at: time(0)) == nil)
        #expect(table.open(1, from: client, at: time(1)) == nil)
        #expect(table.openCount == 1 && table.endedCounts == [0, 0, 0, 0, 1])
    }

    /// Against the plainest bookkeeping, an array in the order of arrival.
    @Test func whateverHappensTheOrderIsKept() {
        var random = SystemRandomNumberGenerator()
        var table = table { $0.connectionsMax = 1000 }
        var order: [CInt] = []
        for step: Int64 in 0..<20_000 {
            let descriptor = CInt.random(in: 0..<50, using: &random)
            if let place = order.firstIndex(of: descriptor) {
                order.remove(at: place)
                if step % 2 == 0 {
                    table.close(descriptor)
                } else {
                    table.move(descriptor, to: .reading, at: time(step))
                    order.append(descriptor)
                }
            } else {
                _ = table.open(descriptor, from: nil, at: time(step))
                order.append(descriptor)
            }
            #expect(table.openCount == order.count)
        }
        #expect(table.expire(at: time(1_000_000)).map(\.descriptor) == order)
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

    private func table(_ adjust: (inout ServerLimits) -> Void) -> ConnectionTable {
        var limits = ServerLimits()
        adjust(&limits)
        return ConnectionTable(ConnectionLimits(limits))
    }

    private func time(_ milliseconds: Int64) -> MonotonicTime {
        MonotonicTime(nanoseconds: milliseconds * 1_000_000)
    }

    private func ipv6(_ text: String) -> in6_addr? {
        var address = in6_addr()
        return unsafe inet_pton(AF_INET6, text, &address) == 1 ? address : nil
    }
}
