import Foundation
import Synchronization
import TestSupport
import Testing

@testable import MetricsServer

/// All tests of a running server. One after the other, since some of them count descriptors and
/// others open hundreds.
@Suite(.serialized, .thread(.server), .timeLimit(.minutes(1))) enum MetricsServerTests {}

/// A server on a free port of the loopback, stopped at the end of the test.
struct TestServer {
    let server: MetricsServer
    let messages = Messages()

    init(
        on address: String = "127.0.0.1:0", limits: ServerLimits = ServerLimits(),
        _ routes: [Route]
    ) throws {
        server = try MetricsServer(
            listening: [ListenAddress(parsing: address)], limits: limits, routes: routes,
            log: messages.append)
    }

    var port: UInt16 { server.boundAddresses[0].port ?? 0 }

    func connect() throws -> TestClient { try TestClient(port: port) }
}

extension Trait where Self == ConditionTrait {
    /// Skips where the host has no IPv6 loopback, and fails there if everything is required.
    static var requiresIPv6: Self {
        .enabled("the host has no IPv6 loopback") {
            let isRequired = ProcessInfo.processInfo.environment["TCPTABLE_TEST_REQUIRE"] == "all"
            let probe = try? ListeningSocket(on: ListenAddress(parsing: "[::1]:0"))
            return isRequired || probe != nil
        }
    }
}

/// What the library had to say.
final class Messages: Sendable {
    private let lines = Mutex<[String]>([])

    @Sendable func append(_ line: String) { lines.withLock { $0.append(line) } }

    var all: [String] { lines.withLock { $0 } }
}

/// Exchanges that a handler has put by.
final class HeldExchanges: Sendable {
    private let exchanges = Mutex<[HTTPExchange]>([])

    /// Puts every exchange by.
    var route: Route {
        Route(path: "/held") { [self] _, exchange in
            exchanges.withLock { $0.append(exchange) }
        }
    }

    var count: Int { exchanges.withLock { $0.count } }

    func takeFirst() -> HTTPExchange { exchanges.withLock { $0.removeFirst() } }

    func takeAll() -> [HTTPExchange] {
        exchanges.withLock { held in
            defer { held = [] }
            return held
        }
    }

    /// Waits until so many exchanges are here, and takes them.
    func take(_ expected: Int) throws -> [HTTPExchange] {
        try waitUntil("\(expected) requests arrived") { count == expected }
        return takeAll()
    }
}

let hello = Route(path: "/hello") { _, exchange in exchange.respond(.text("hello")) }

/// Waits for what must happen eventually; ten seconds are generous.
func waitUntil(
    _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () throws -> Bool
) throws {
    let deadline = Date(timeIntervalSinceNow: 10)
    while try !condition() {
        try #require(Date() < deadline, what, sourceLocation: sourceLocation)
        usleep(1000)
    }
}
