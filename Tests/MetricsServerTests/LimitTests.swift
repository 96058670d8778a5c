import Foundation
import Linux
import Synchronization
import TestSupport
import Testing

@testable import MetricsServer

extension MetricsServerTests {
    @Suite struct Limits {
        @Test func beyondTheLimitTheLongestIdleIsGivenUp() throws {
            var limits = ServerLimits()
            limits.connectionsMax = 4
            let server = try MonitoredServer(limits, [hello])
            let admitted = try (0..<4).map { _ in try server.connect() }
            for client in admitted + [admitted[0]] {
                #expect(try client.get("/hello").status == 200)
                server.awaitCompletion(within: .seconds(10))
            }
            #expect(try server.connect().get("/hello").status == 200)
            #expect(try admitted[1].readToEnd().isEmpty)
            for client in [admitted[0], admitted[3]] {
                #expect(try client.get("/hello").status == 200)
            }
            #expect(server.ended("evicted") == 1)
        }

        @Test func whenEveryoneWaitsForAnAnswerANewcomerIsClosed() throws {
            var limits = ServerLimits()
            limits.connectionsMax = 2
            let held = HeldExchanges()
            let server = try MonitoredServer(limits, [hello, held.route])
            let waiting = try (0..<2).map { _ in try server.connect() }
            for client in waiting { try client.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n") }
            let exchanges = try held.take(2)
            #expect(try server.connect().readToEnd().isEmpty)
            #expect(server.ended("connection_limit") == 1)
            #expect(server.monitor.statistics.requestsInFlight == 2)
            for exchange in exchanges { exchange.respond(.text("there")) }
            for client in waiting { #expect(try client.readResponse().text == "there\n") }
        }

        @Test func aClientAtItsLimitLosesItsLongestIdleConnectionToItsNewOne() throws {
            var limits = ServerLimits()
            limits.connectionsPerClientMax = 2
            let held = HeldExchanges()
            let server = try MonitoredServer(limits, [hello, held.route])
            let waiting = try server.connect()
            try waiting.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n")
            let exchanges = try held.take(1)
            let idle = try server.connect()
            #expect(try idle.get("/hello").status == 200)
            // The held request is not completed before.
            server.awaitCompletion(within: .seconds(1))
            #expect(try server.connect().get("/hello").status == 200)
            #expect(try idle.readToEnd().isEmpty)
            #expect(server.ended("client_limit") == 1)
            for exchange in exchanges { exchange.respond(.text("done")) }
            #expect(try waiting.readResponse().status == 200)
        }

        @Test func slowRequestsOfItsOwnAddressDoNotLockAClientOut() throws {
            var limits = ServerLimits()
            limits.connectionsPerClientMax = 8
            let server = try MonitoredServer(limits, [hello])
            let slow = try (0..<30).map { _ in try server.connect() }
            for client in slow { try? client.send("GET /hel") }
            try waitUntil("they are served") { server.ended("client_limit") == 22 }
            for _ in 0..<10 { #expect(try server.connect().get("/hello").status == 200) }
        }

        @Test func clientsThatDoNotReadCostNoMoreThanTheLimitOnResponses() throws {
            var limits = ServerLimits()
            limits.responseBytesMax = 17 << 20
            let server = try MonitoredServer(
                limits,
                [
                    hello,
                    Route(path: "/large") { _, exchange in
                        // Not shared, as the responses of different scrapes.
                        let body = [UInt8](repeating: 0x20, count: 4 << 20)
                        exchange.respond(HTTPResponse(contentType: "text/plain", body: body))
                    },
                ])
            let deaf = try (0..<40).map { _ in try server.connect() }
            for client in deaf {
                try client.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n")
                #expect(try server.connect().get("/hello").status == 200)
            }
            try waitUntil("the last request has its response") { server.ended("evicted") >= 36 }
            let served = deaf.count { (try? $0.readResponse().body.count) == 4 << 20 }
            #expect(served == 4 && server.ended("evicted") == 36)
        }

        /// A byte now and then keeps libmicrohttpd's idle timeout away.
        @Test(.slow, arguments: ["GET /hello HTTP/1.1\r\nX: ", Self.beginningOfABody])
        func aRequestThatNeverEndsIsCutOff(_ beginning: String) throws {
            var limits = Self.hasty
            limits.idleTimeoutSeconds = 4  // more than the pause of a test that waits for its turn
            let server = try MonitoredServer(limits, [hello])
            let client = try server.connect()
            try client.send(beginning)
            try waitUntil("the client is cut off") {
                usleep(100_000)
                return (try? client.send("x")) == nil
            }
            #expect(server.ended("request_timeout") == 1)
        }

        private static let beginningOfABody =
            "POST /hello HTTP/1.1\r\nHost: test\r\nContent-Length: 60000\r\n\r\n"

        @Test func anAnswerThatIsNeverTakenIsCutOff() throws {
            let large = [UInt8](repeating: 0x20, count: 32 << 20)
            // The idle timeout, which is libmicrohttpd's, must not come first.
            var limits = Self.hasty
            limits.idleTimeoutSeconds = 60
            let server = try MonitoredServer(
                limits,
                [
                    Route(path: "/large") { _, exchange in
                        exchange.respond(HTTPResponse(contentType: "text/plain", body: large))
                    }
                ])
            let client = try server.connect()
            try client.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n")
            try waitUntil("the client is cut off") { server.ended("request_timeout") == 1 }
            #expect(try client.readToEnd().count < large.count)
        }

        /// The answer comes long after both timeouts.
        @Test func theTimeOfAHandlerDoesNotCount() throws {
            let held = HeldExchanges()
            let server = try MonitoredServer(Self.hasty, [held.route])
            let patient = try server.connect()
            try patient.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n")
            let exchanges = try held.take(1)
            // Whoever came later and is cut off shows that the time has passed.
            let other = try server.connect()
            try other.send("GET /held HTTP/1.1\r\n")
            try waitUntil("another is closed") { server.ended("other") == 1 }
            usleep(1_500_000)
            for exchange in exchanges { exchange.respond(.text("late")) }
            #expect(try patient.readResponse().text == "late\n")
        }

        private static var hasty: ServerLimits {
            var limits = ServerLimits()
            limits.idleTimeoutSeconds = 1
            limits.requestTimeoutSeconds = 1
            return limits
        }

        @Test func everyAnswerIsCountedByItsCode() throws {
            let server = try MonitoredServer(ServerLimits(), [hello])
            let requests = [
                (200, "GET /hello HTTP/1.1\r\nHost: test\r\n\r\n"),
                (404, "GET /none HTTP/1.1\r\nHost: test\r\n\r\n"),
                (405, "PUT /hello HTTP/1.1\r\nHost: test\r\n\r\n"),
                (400, "GET /hello HTTP/1.1\r\n\r\n"),
                (505, "GET /hello HTTP/7.7\r\nHost: test\r\n\r\n"),
                (431, "GET /hello HTTP/1.1\r\nX: \(String(repeating: "x", count: 50_000))"),
                (414, "GET /\(String(repeating: "x", count: 50_000))"),
            ]
            for (status, request) in requests {
                let client = try server.connect()
                try client.send(request)
                #expect(try client.readResponse().status == status)
            }
            let counts = server.monitor.statistics.responsesByCode
            for (code, count) in counts {
                #expect(count == (requests.contains { "\($0.0)" == code } ? 1 : 0), "\(code)")
            }
            #expect(counts.map(\.code).last == "other")
        }

        @Test func aLateAnswerIsReplacedInTime() throws {
            let held = HeldExchanges()
            let late = Route(path: "/late") { request, exchange in
                exchange.respond(.text("too late", status: 503), unlessAnsweredWithin: 0.2)
                held.route.handler(request, exchange)
            }
            let server = try MonitoredServer(ServerLimits(), [late])
            let client = try server.connect()
            let other = try server.connect()
            try client.send("GET /late HTTP/1.1\r\nHost: test\r\n\r\n")
            let exchange = try held.take(1)[0]
            #expect(exchange.isAwaited)
            #expect(try client.readResponse().text == "too late\n")
            #expect(!exchange.isAwaited)
            exchange.respond(.text("at last"))
            // An answer that is there in time is given, and the other not sent later.
            try other.send("GET /late HTTP/1.1\r\nHost: test\r\n\r\n")
            for exchange in try held.take(1) { exchange.respond(.text("in time")) }
            #expect(try other.readResponse().text == "in time\n")
            usleep(400_000)
            other.finishSending()
            #expect(try other.readToEnd().isEmpty)
        }
    }

    @Suite struct Queueing {
        @Test func requestsBeyondTheLimitWaitForTheirTurn() throws {
            var limits = ServerLimits()
            limits.maxRequests = 2
            let held = HeldExchanges()
            let server = try MonitoredServer(limits, [held.route])
            let clients = try (0..<9).map { _ in try server.connect() }
            for client in clients { try client.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n") }
            for _ in 0..<9 {
                try waitUntil("a request is handled") { held.count > 0 }
                #expect(server.monitor.statistics.requestsInFlight <= 2)
                held.takeFirst().respond(.text("done"))
            }
            for client in clients { #expect(try client.readResponse().status == 200) }
        }

        @Test func clientsTakeTurns() {
            let tracker = RequestTracker(inFlightMax: 1)
            let (one, other) = (ClientAddress(ipv4: 1), ClientAddress(ipv4: 2))
            let handled = Recorder()
            let clients = [one, one, one, one, other, one, nil]
            let responses = clients.map { client in
                let response = PendingResponse()
                #expect(tracker.begin(response, from: client))
                return response
            }
            for (index, response) in responses.enumerated() {
                _ = tracker.admit(response, never) { handled.append(index) }
            }
            for _ in clients { tracker.settle(responses[handled.all.last ?? 0]) }
            #expect(handled.all == [0, 1, 4, 6, 2, 3, 5])
            #expect(tracker.inFlightCount == 0)
        }

        @Test func aRequestWhoseClientHasGoneTakesNoTurn() {
            let tracker = RequestTracker(inFlightMax: 1)
            let handled = Recorder()
            let responses = (0..<1000).map { _ in PendingResponse() }
            for (index, response) in responses.enumerated() {
                #expect(tracker.begin(response, from: nil))
                _ = tracker.admit(response, never) { handled.append(index) }
                if index > 0, index < 999 { tracker.settle(response) }
            }
            tracker.settle(responses[0])
            #expect(handled.all == [0, 999])
        }

        @Test func whoWaitsTooLongIsAnswered503() throws {
            var limits = ServerLimits()
            limits.maxRequests = 1
            limits.queueTimeoutSeconds = 1
            let held = HeldExchanges()
            let server = try MonitoredServer(limits, [held.route])
            let clients = try (0..<2).map { _ in try server.connect() }
            for client in clients { try client.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n") }
            let exchange = try held.take(1)[0]
            let statuses = Recorder()
            try waitUntil("one of them is answered") {
                server.monitor.statistics.responsesByCode.contains {
                    $0.code == "503" && $0.count == 1
                }
            }
            exchange.respond(.text("done"))
            for client in clients { statuses.append(try client.readResponse().status) }
            #expect(statuses.all.sorted() == [200, 503])
            #expect(held.count == 0)
        }

        @Test func aRouteWithoutALimitNeverWaits() throws {
            var limits = ServerLimits()
            limits.maxRequests = 1
            let held = HeldExchanges()
            let health = Route(path: "/health", isLimited: false) { $1.respond(.text("well")) }
            let server = try MonitoredServer(limits, [held.route, health])
            let client = try server.connect()
            try client.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n")
            let exchanges = try held.take(1)
            #expect(try server.connect().get("/health").text == "well\n")
            for exchange in exchanges { exchange.respond(.text("done")) }
        }

        private let never = RequestTable.Fallback(
            due: MonotonicTime(nanoseconds: .max), response: .tooManyRequests)
    }
}

/// Numbers in the order in which they come.
private final class Recorder: Sendable {
    private let numbers = Mutex<[Int]>([])

    func append(_ number: Int) { numbers.withLock { $0.append(number) } }

    var all: [Int] { numbers.withLock { $0 } }
}

/// A server whose counts the test reads.
private struct MonitoredServer {
    let monitor: ServerMonitor
    private let server: MetricsServer

    init(_ limits: ServerLimits, _ routes: [Route]) throws {
        monitor = ServerMonitor(limits)
        server = try MetricsServer(
            listening: [ListenAddress(parsing: "127.0.0.1:0")], monitor: monitor, routes: routes,
            log: { _ in })
    }

    func connect() throws -> TestClient { try TestClient(port: server.boundAddresses[0].port ?? 0) }

    /// A client has its response a moment before the server is done with the request, and its connection idle.
    func awaitCompletion(within duration: Duration) { monitor.requests.drain(within: duration) }

    func ended(_ reason: String) -> UInt64 {
        monitor.statistics.connectionsByReason.first { $0.reason == reason }?.count ?? 0
    }
}
