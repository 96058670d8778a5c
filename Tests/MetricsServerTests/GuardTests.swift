import Foundation
import Synchronization
import Testing

@testable import MetricsServer

extension MetricsServerTests {
    @Suite struct Guards {
        let guardian = ScriptedGuard()
        let keeper = Keeper()

        private func serve(limits: ServerLimits = ServerLimits(), _ routes: [Route]) throws
            -> TestClient
        {
            let server = try MetricsServer(
                listening: [ListenAddress(parsing: "127.0.0.1:0")], monitor: ServerMonitor(limits),
                routes: routes, guardedBy: guardian, log: { _ in })
            keeper.server = server
            return try TestClient(port: try #require(server.boundAddresses[0].port))
        }

        @Test func itSeesEveryRequestBeforeTheRoutes() throws {
            let client = try serve([hello])
            #expect(try client.get("/hello").text == "hello\n")
            #expect(try client.get("/unknown").status == 404)
            #expect(try client.get("/hello", method: "POST").status == 405)
            #expect(guardian.seen == ["GET /hello", "GET /unknown", "POST /hello"])
        }

        @Test func whomItRefusesNoRouteSees() throws {
            let calls = Mutex(0)
            let client = try serve([
                Route(path: "/counted") { _, exchange in
                    calls.withLock { $0 += 1 }
                    exchange.respond(.text("counted"))
                }
            ])
            guardian.decision = .refuse
            for path in ["/counted", "/unknown"] {
                let response = try client.get(path)
                #expect(response.status == 403)
                #expect(response.text == "no\n")
            }
            #expect(calls.withLock { $0 } == 0)
        }

        @Test(arguments: [ScriptedGuard.Decision.pass, .refuse])
        func itMayDecideLaterFromAnotherThread(_ decision: ScriptedGuard.Decision) throws {
            let client = try serve([hello])
            guardian.decision = .later
            for _ in 0..<3 {
                try client.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n")
                let entrance = try guardian.take()
                Thread.detachNewThread {
                    if decision == .pass { entrance.pass() } else { entrance.refuse(.no) }
                }
                #expect(try client.readResponse().status == (decision == .pass ? 200 : 403))
            }
        }

        @Test func itMayDecideAtAnyMomentAroundItsReturn() throws {
            let client = try serve([hello])
            guardian.decision = .soon
            for _ in 0..<500 { #expect(try client.get("/hello").text == "hello\n") }
        }

        @Test func aRequestThatIsLetGoIsAnInternalError() throws {
            let client = try serve([hello])
            guardian.decision = .drop
            #expect(try client.get("/hello").status == 500)
            guardian.decision = .later
            try client.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n")
            do { _ = try guardian.take() }
            #expect(try client.readResponse().status == 500)
        }

        @Test func itsHeadersAreOnEveryAnswer() throws {
            let headers = [(name: "X-Guard", value: "on duty"), (name: "Allow", value: "nothing")]
            guardian.setHeaders(headers)
            var limits = ServerLimits()
            limits.maxRequests = 1
            let held = HeldExchanges()
            let client = try serve(
                limits: limits, [hello, held.route, Route(path: "/drop") { _, _ in }])
            for path in ["/hello", "/unknown", "/drop"] {
                let response = try client.get(path)
                #expect(response.headers["x-guard"] == "on duty", "\(path)")
                #expect(response.headers["allow"] == "nothing", "\(path)")
            }
            let post = try client.get("/hello", method: "POST")
            #expect(post.headers["x-guard"] == "on duty")
            #expect(post.headers["allow"] == "GET, HEAD")
            guardian.decision = .refuse
            #expect(try client.get("/hello").headers["x-guard"] == "on duty")
            guardian.decision = .pass
            let waiting = try TestClient(port: keeper.port)
            try waiting.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n")
            let exchanges = try held.take(1)
            let full = try client.get("/hello")
            #expect(full.status == 503)
            #expect(full.headers["x-guard"] == "on duty")
            exchanges[0].respond(.text("done"))
            #expect(try waiting.readResponse().headers["x-guard"] == "on duty")
        }

        @Test func whoWaitsBeforeItTakesNobodysPlace() throws {
            var limits = ServerLimits()
            limits.maxRequests = 1
            let client = try serve(limits: limits, [hello])
            guardian.decision = .later
            let waiting = try (0..<5).map { _ in try TestClient(port: keeper.port) }
            for client in waiting { try client.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n") }
            let entrances = try (0..<5).map { _ in try guardian.take() }
            guardian.decision = .pass
            #expect(try client.get("/hello").status == 200)
            for entrance in entrances { entrance.refuse(.no) }
            for client in waiting { #expect(try client.readResponse().status == 403) }
        }

        @Test func whoIsLetInAfterTheServersEndFindsItsAnswerGiven() throws {
            let calls = Mutex(0)
            let client = try serve([
                Route(path: "/counted") { _, _ in calls.withLock { $0 += 1 } }
            ])
            guardian.decision = .later
            try client.send("GET /counted HTTP/1.1\r\nHost: test\r\n\r\n")
            let entrance = try guardian.take()
            keeper.server?.stop()
            #expect(try client.readResponse().status == 503)
            entrance.pass()
            entrance.refuse(.no)
            #expect(calls.withLock { $0 } == 0)
        }
    }
}

extension HTTPResponse {
    fileprivate static let no = text("no", status: 403)
}

/// Keeps a server until the test's end; a guard that did would keep it forever.
final class Keeper {
    var server: MetricsServer?
    var port: UInt16 { server?.boundAddresses[0].port ?? 0 }
}

/// Does as it is told.
final class ScriptedGuard: RequestGuard {
    enum Decision: Sendable {
        case pass, refuse, later, soon, drop
    }

    private struct State {
        var decision = Decision.pass
        var headers: [(name: String, value: String)] = []
        var seen: [String] = []
        var held: [Entrance] = []
    }

    private let state = Mutex(State())

    var decision: Decision {
        get { state.withLock { $0.decision } }
        set { state.withLock { $0.decision = newValue } }
    }
    var headers: [(name: String, value: String)] { state.withLock { $0.headers } }
    var seen: [String] { state.withLock { $0.seen } }

    func setHeaders(_ headers: [(name: String, value: String)]) {
        state.withLock { $0.headers = headers }
    }

    /// Waits for a request that is put by.
    func take() throws -> Entrance {
        try waitUntil("a request is before the guard") { state.withLock { !$0.held.isEmpty } }
        return state.withLock { $0.held.removeFirst() }
    }

    func examine(_ request: HTTPRequest, _ entrance: Entrance) {
        let decision = state.withLock { state in
            state.seen.append("\(request.method) \(request.path)")
            if state.decision == .later { state.held.append(entrance) }
            return state.decision
        }
        switch decision {
        case .pass: entrance.pass()
        case .refuse: entrance.refuse(.no)
        case .later, .drop: break
        case .soon:
            DispatchQueue.global().async {
                usleep(.random(in: 0...60))
                entrance.pass()
            }
            usleep(.random(in: 0...60))
        }
    }
}
