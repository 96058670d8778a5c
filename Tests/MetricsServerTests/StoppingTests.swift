import Foundation
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
