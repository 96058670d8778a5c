import Foundation
import Synchronization
import Testing

@testable import MetricsServer

extension MetricsServerTests {
    @Suite struct Exchanges {
        let held = HeldExchanges()

        @Test func anAnswerMayComeLaterFromAnotherThread() throws {
            let server = try TestServer([held.route])
            let client = try server.connect()
            try client.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n")
            let exchanges = try held.take(1)
            Thread.detachNewThread { exchanges[0].respond(.text("later")) }
            #expect(try client.readResponse().text == "later\n")
        }

        @Test func onlyTheFirstAnswerCounts() throws {
            let server = try TestServer([
                Route(path: "/twice") { _, exchange in
                    exchange.respond(.text("first"))
                    exchange.respond(.text("second", status: 500))
                }
            ])
            let client = try server.connect()
            #expect(try client.get("/twice").text == "first\n")
            #expect(try client.get("/twice").text == "first\n")
        }

        @Test func aDroppedExchangeIsAnInternalError() throws {
            let server = try TestServer([held.route, Route(path: "/dropped") { _, _ in }])
            let client = try server.connect()
            #expect(try client.get("/dropped").status == 500)
            try client.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n")
            _ = try held.take(1)
            #expect(try client.readResponse().status == 500)
        }

        @Test func twoHundredRequestsWaitAtOnceWithoutAThreadEach() throws {
            var limits = ServerLimits()
            limits.maxRequests = 0
            limits.connectionsPerClientMax = 0
            let server = try TestServer(limits: limits, [held.route])
            let clients = try (0..<200).map { _ in try server.connect() }
            for client in clients { try client.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n") }
            let exchanges = try held.take(200)
            Thread.detachNewThread {
                for exchange in exchanges.shuffled() { exchange.respond(.text("done")) }
            }
            for client in clients { #expect(try client.readResponse().text == "done\n") }
        }

        @Test func anAnswerMayComeAtAnyMomentAroundTheHandlersReturn() throws {
            let server = try TestServer([
                Route(path: "/soon") { _, exchange in
                    Thread.detachNewThread {
                        usleep(.random(in: 0...60))
                        exchange.respond(.text("soon"))
                    }
                    usleep(.random(in: 0...60))
                }
            ])
            let clients = try (0..<4).map { _ in try server.connect() }
            for _ in 0..<250 {
                for client in clients {
                    try client.send("GET /soon HTTP/1.1\r\nHost: test\r\n\r\n")
                }
                for client in clients { #expect(try client.readResponse().text == "soon\n") }
            }
        }

        @Test(arguments: [false, true])
        func aClientMayLeaveBeforeItsAnswer(withReset: Bool) throws {
            let server = try TestServer([held.route, hello])
            for _ in 0..<20 {
                do {
                    let client = try server.connect()
                    try client.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n")
                    if withReset { client.resetOnClose() }
                    try waitUntil("the request arrived") { held.count == 1 }
                }
                for exchange in held.takeAll() { exchange.respond(.text("too late")) }
            }
            #expect(try server.connect().get("/hello").status == 200)
        }

        @Test func whoWaitsTooLongForItsTurnIsToldToComeBack() throws {
            var limits = ServerLimits()
            limits.maxRequests = 2
            limits.queueTimeoutSeconds = 1
            let server = try TestServer(limits: limits, [held.route, hello])
            let waiting = try (0..<2).map { _ in try server.connect() }
            for client in waiting { try client.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n") }
            let exchanges = try held.take(2)

            let refused = try server.connect()
            let response = try refused.get("/hello")
            #expect(response.status == 503)
            #expect(response.headers["retry-after"] == "1")
            #expect(try refused.get("/unknown").status == 404)

            for exchange in exchanges { exchange.respond(.text("done")) }
            for client in waiting { #expect(try client.readResponse().status == 200) }
            #expect(try refused.get("/hello").status == 200)
        }
    }
}
