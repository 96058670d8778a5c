import Foundation
import Synchronization
import Testing

@testable import MetricsServer

extension MetricsServerTests {
    @Suite struct Stopping {
        let held = HeldExchanges()

        @Test func whateverIsAwaitedIsAnswered503() throws {
            let server = try TestServer([held.route])
            let clients = try (0..<10).map { _ in try server.connect() }
            for client in clients { try client.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n") }
            let exchanges = try held.take(10)
            server.server.stop()
            for client in clients {
                let response = try client.readResponse()
                #expect(response.status == 503)
                #expect(response.headers["connection"] == "close")
                #expect(try client.readToEnd().isEmpty)
            }
            for exchange in exchanges { exchange.respond(.text("too late")) }
            server.server.stop()
        }

        @Test func answersAndStopMayRace() throws {
            for _ in 0..<20 {
                let server = try TestServer([held.route])
                let clients = try (0..<8).map { _ in try server.connect() }
                for client in clients {
                    try client.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n")
                }
                let exchanges = try held.take(8)
                Thread.detachNewThread {
                    for exchange in exchanges { exchange.respond(.text("done")) }
                }
                server.server.stop()
                for client in clients {
                    #expect([200, 503].contains(try client.readResponse().status))
                }
            }
        }

        @Test func requestsAndStopMayRace() throws {
            for _ in 0..<20 {
                let server = try TestServer([held.route])
                let clients = try (0..<8).map { _ in try server.connect() }
                for client in clients {
                    try client.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n")
                }
                server.server.stop()
                for client in clients { _ = try client.readToEnd() }
                for exchange in held.takeAll() { exchange.respond(.text("too late")) }
            }
        }

        /// libmicrohttpd answers those by itself, and crashes when it is stopped meanwhile.
        @Test func twoHundredStopsWhileMalformedRequestsComeEndWell() throws {
            for _ in 0..<200 {
                var limits = ServerLimits()
                limits.connectionsPerClientMax = 0
                let server = try TestServer(limits: limits, [hello])
                let attackers = Attackers(8, port: server.port)
                try waitUntil("the attack has begun") { attackers.requestCount > 20 }
                usleep(.random(in: 0...5000))
                server.server.stop()
                attackers.stop()
            }
        }

        @Test func aDroppedServerStops() throws {
            let port = try TestServer([hello]).port
            #expect(throws: TestClient.Failure.self) { try TestClient(port: port) }
        }

        @Test func severalThreadsMayStopIt() throws {
            let server = try TestServer([hello])
            DispatchQueue.concurrentPerform(iterations: 4) { _ in server.server.stop() }
            #expect(throws: TestClient.Failure.self) { try server.connect() }
        }

        @Test func aStoppedServerLeavesNoDescriptorOpen() throws {
            try expectNoDescriptorsLeft {
                let server = try TestServer([held.route, hello])
                #expect(try server.connect().get("/hello").status == 200)
                let waiting = try server.connect()
                try waiting.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n")
                server.server.stop()
                _ = held.takeAll()
            }
        }

        @Test func aFailedStartLeavesNoDescriptorOpen() throws {
            let taken = try TestServer([hello])
            let addresses = try ["127.0.0.1:0", "[::]:0", "127.0.0.1:\(taken.port)"]
                .map { try ListenAddress(parsing: $0) }
            try expectNoDescriptorsLeft {
                #expect(throws: MetricsServerError.self) {
                    try MetricsServer(listening: addresses, routes: [], log: { _ in })
                }
            }
        }

        /// Other tests open and close descriptors meanwhile, so a leak is what grows with every
        /// round.
        private func expectNoDescriptorsLeft(_ body: () throws -> Void) throws {
            try body()
            let rounds = 100
            let before = try descriptorCount()
            for _ in 0..<rounds { try body() }
            try waitUntil("descriptors leak") { try descriptorCount() < before + rounds / 2 }
        }

        private func descriptorCount() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        }
    }
}

/// Threads that send malformed requests, each on a connection of its own.
private final class Attackers: Sendable {
    private static let requests = [
        "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/9.9\r\nHost: a\r\n\r\n", "\0\u{1}\r\n\r\n",
        "GET /\(String(repeating: "x", count: 50_000))",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\(String(repeating: "X: y\r\n", count: 9000))\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n",
    ]

    private let isStopping = Atomic(false)
    private let runningCount: Atomic<Int>
    private let sentCount = Atomic(0)

    var requestCount: Int { sentCount.load(ordering: .relaxed) }

    init(_ count: Int, port: UInt16) {
        runningCount = Atomic(count)
        for _ in 0..<count { Thread.detachNewThread { [self] in attack(port) } }
    }

    func stop() {
        isStopping.store(true, ordering: .relaxed)
        while runningCount.load(ordering: .relaxed) > 0 { usleep(500) }
    }

    private func attack(_ port: UInt16) {
        while !isStopping.load(ordering: .relaxed) {
            let client = try? TestClient(port: port)
            try? client?.send(Self.requests.randomElement() ?? "")
            sentCount.add(1, ordering: .relaxed)
            if Bool.random() { usleep(200) }
        }
        runningCount.subtract(1, ordering: .relaxed)
    }
}
