import Foundation
import Testing

@testable import MetricsServer

extension MetricsServerTests {
    @Suite struct HostileClients {
        @Test func slowClientsDoNotHoldOthersUp() throws {
            let server = try TestServer([hello])
            let slow = try (0..<20).map { _ in try server.connect() }
            for byte in "GET /hello" {
                for client in slow { try client.send(String(byte)) }
                #expect(try server.connect().get("/hello").status == 200)
            }
            for client in slow { try client.send(" HTTP/1.1\r\nHost: test\r\n\r\n") }
            for client in slow { #expect(try client.readResponse().status == 200) }
        }

        @Test func clientsThatDoNotReadDoNotHoldOthersUp() throws {
            let large = [UInt8](repeating: 0x20, count: 8 << 20)
            let server = try TestServer([
                hello,
                Route(path: "/large") { _, exchange in
                    exchange.respond(HTTPResponse(contentType: "text/plain", body: large))
                },
            ])
            do {
                // More than the requests answered at once.
                let idle = try (0..<50).map { _ in try server.connect() }
                for client in idle {
                    try client.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n")
                    client.resetOnClose()
                }
                for _ in 0..<10 { #expect(try server.connect().get("/hello").status == 200) }
            }
            // Now the server has written into connections that are gone.
            for _ in 0..<10 { #expect(try server.connect().get("/hello").status == 200) }
        }

        @Test func aHalfClosedClientGetsItsAnswer() throws {
            let held = HeldExchanges()
            let server = try TestServer([hello, held.route])
            let client = try server.connect()
            try client.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n")
            client.finishSending()
            #expect(try client.readResponse().text == "hello\n")
            #expect(try client.readToEnd().isEmpty)

            let hasty = try server.connect()
            try hasty.send(
                String(repeating: "GET /hello HTTP/1.1\r\nHost: test\r\n\r\n", count: 10))
            hasty.finishSending()
            for _ in 0..<10 { #expect(try hasty.readResponse().text == "hello\n") }
            #expect(try hasty.readToEnd().isEmpty)

            let patient = try server.connect()
            try patient.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n")
            patient.finishSending()
            for exchange in try held.take(1) { exchange.respond(.text("later")) }
            #expect(try patient.readResponse().text == "later\n")
            #expect(try patient.readToEnd().isEmpty)
        }

        enum Oversized: CaseIterable {
            case header, path, headers, query

            var request: String {
                let long = String(repeating: "x", count: 65536)
                return switch self {
                case .header: "GET /hello HTTP/1.1\r\nHost: test\r\nX: \(long)\r\n\r\n"
                case .path: "GET /\(long) HTTP/1.1\r\nHost: test\r\n\r\n"
                case .headers:
                    "GET /hello HTTP/1.1\r\nHost: test\r\n"
                        + String(repeating: "X: y\r\n", count: 20000) + "\r\n"
                case .query:
                    "GET /hello?" + String(repeating: "a&", count: 32768)
                        + " HTTP/1.1\r\nHost: test\r\n\r\n"
                }
            }
        }

        @Test(arguments: Oversized.allCases)
        func aRequestThatIsTooLargeIsRefused(_ oversized: Oversized) throws {
            let server = try TestServer([hello])
            let client = try server.connect()
            // The server closes as soon as it has seen enough, which may cost its answer.
            try? client.send(oversized.request)
            let answer = String(decoding: try client.readToEnd(), as: UTF8.self)
            #expect(
                answer.isEmpty || answer.hasPrefix("HTTP/1.1 431 ")
                    || answer.hasPrefix("HTTP/1.1 414 "))
            #expect(try server.connect().get("/hello").status == 200)
        }

        @Test func anEndlessBodyIsCutOff() throws {
            let server = try TestServer([hello])
            let client = try server.connect()
            try client.send("GET /hello HTTP/1.1\r\nHost: test\r\nContent-Length: 99999999\r\n\r\n")
            let part = [UInt8](repeating: 0, count: 65536)
            #expect(throws: TestClient.Failure.self) {
                for _ in 0..<1000 { try client.send(part) }
            }
            #expect(try server.connect().get("/hello").status == 200)
        }

        @Test func aRequestWithoutAHostIsRefused() throws {
            let server = try TestServer([hello])
            let client = try server.connect()
            try client.send("GET /hello HTTP/1.1\r\n\r\n")
            #expect(try client.readResponse().status == 400)
        }

        @Test func noiseDoesNoHarm() throws {
            let server = try TestServer([hello])
            var random = SystemRandomNumberGenerator()
            for round in 0..<100 {
                let client = try server.connect()
                let prefix = ["", "GET ", "GET /hello HTTP/1.1\r\nHost: test\r\n", "\r\n"][
                    round % 4]
                let noise = (0..<Int.random(in: 0...2000, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                try? client.send(Array(prefix.utf8) + noise + Array("\r\n\r\n".utf8))
            }
            #expect(try server.connect().get("/hello").status == 200)
            // Nobody forges a line of the log.
            #expect(server.messages.all.allSatisfy { line in line.utf8.allSatisfy { $0 >= 0x20 } })
        }

        @Test func idleConnectionsAreClosed() throws {
            var limits = ServerLimits()
            limits.idleTimeoutSeconds = 1
            let server = try TestServer(limits: limits, [hello])
            let silent = try server.connect()
            let stuck = try server.connect()
            try stuck.send("GET /hel")
            let kept = try server.connect()
            #expect(try kept.get("/hello").status == 200)
            for client in [silent, stuck, kept] { _ = try client.readToEnd() }
        }
    }
}
