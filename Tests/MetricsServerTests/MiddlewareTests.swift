import Foundation
import Synchronization
import Testing

@testable import MetricsServer

extension MetricsServerTests {
    @Suite struct Middlewares {
        let middleware = ScriptedMiddleware()
        let keeper = Keeper()

        private func serve(limits: ServerLimits = ServerLimits(), _ routes: [Route]) throws
            -> TestClient
        {
            let server = try MetricsServer(
                listening: [ListenAddress(parsing: "127.0.0.1:0")], monitor: ServerMonitor(limits),
                routes: routes, middleware: middleware, log: { _ in })
            keeper.server = server
            return try TestClient(port: try #require(server.boundAddresses[0].port))
        }

        @Test func itSeesEveryRequestBeforeTheRoutes() throws {
            let client = try serve([hello])
            #expect(try client.get("/hello").text == "hello\n")
            #expect(try client.get("/unknown").status == 404)
            #expect(try client.get("/hello", method: "POST").status == 405)
            #expect(middleware.seen == ["GET /hello", "GET /unknown", "POST /hello"])
        }

        @Test func aRequestThatItAnswersReachesNoRoute() throws {
            let calls = Mutex(0)
            let client = try serve([
                Route(path: "/counted") { _, exchange in
                    calls.withLock { $0 += 1 }
                    exchange.respond(.text("counted"))
                }
            ])
            middleware.decision = .refuse
            for path in ["/counted", "/unknown"] {
                let response = try client.get(path)
                #expect(response.status == 403)
                #expect(response.text == "no\n")
            }
            #expect(calls.withLock { $0 } == 0)
        }

        @Test(arguments: [ScriptedMiddleware.Decision.proceed, .refuse])
        func itMayDecideLaterFromAnotherThread(_ decision: ScriptedMiddleware.Decision) throws {
            let client = try serve([hello])
            middleware.decision = .later
            for _ in 0..<3 {
                try client.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n")
                let exchange = try middleware.take()
                Thread.detachNewThread {
                    if decision == .proceed { exchange.proceed() } else { exchange.respond(.no) }
                }
                #expect(try client.readResponse().status == (decision == .proceed ? 200 : 403))
            }
        }

        @Test func itMayDecideAtAnyMomentAroundItsReturn() throws {
            let client = try serve([hello])
            middleware.decision = .soon
            for _ in 0..<500 { #expect(try client.get("/hello").text == "hello\n") }
        }

        @Test func aRequestThatIsDroppedIsAnInternalError() throws {
            let client = try serve([hello])
            middleware.decision = .drop
            #expect(try client.get("/hello").status == 500)
            middleware.decision = .later
            try client.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n")
            do { _ = try middleware.take() }
            #expect(try client.readResponse().status == 500)
        }

        @Test func itsHeadersAreOnEveryResponse() throws {
            let headers = [
                (name: "X-Middleware", value: "on duty"), (name: "Allow", value: "nothing"),
            ]
            middleware.setHeaders(headers)
            var limits = ServerLimits()
            limits.maxRequests = 1
            limits.queueTimeoutSeconds = 1
            let held = HeldExchanges()
            let client = try serve(
                limits: limits, [hello, held.route, Route(path: "/drop") { _, _ in }])
            for path in ["/hello", "/unknown", "/drop"] {
                let response = try client.get(path)
                #expect(response.headers["x-middleware"] == "on duty", "\(path)")
                #expect(response.headers["allow"] == "nothing", "\(path)")
            }
            let post = try client.get("/hello", method: "POST")
            #expect(post.headers["x-middleware"] == "on duty")
            #expect(post.headers["allow"] == "GET, HEAD")
            middleware.decision = .refuse
            #expect(try client.get("/hello").headers["x-middleware"] == "on duty")
            middleware.decision = .proceed
            let waiting = try TestClient(port: keeper.port)
            try waiting.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n")
            let exchanges = try held.take(1)
            let full = try client.get("/hello")
            #expect(full.status == 503)
            #expect(full.headers["x-middleware"] == "on duty")
            exchanges[0].respond(.text("done"))
            #expect(try waiting.readResponse().headers["x-middleware"] == "on duty")
        }

        @Test func requestsThatWaitInItTakeNobodysPlace() throws {
            var limits = ServerLimits()
            limits.maxRequests = 1
            let client = try serve(limits: limits, [hello])
            middleware.decision = .later
            let waiting = try (0..<5).map { _ in try TestClient(port: keeper.port) }
            for client in waiting { try client.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n") }
            let exchanges = try (0..<5).map { _ in try middleware.take() }
            middleware.decision = .proceed
            #expect(try client.get("/hello").status == 200)
            for exchange in exchanges { exchange.respond(.no) }
            for client in waiting { #expect(try client.readResponse().status == 403) }
        }

        @Test func aRequestThatProceedsAfterTheServersEndReachesNoHandler() throws {
            let calls = Mutex(0)
            let client = try serve([
                Route(path: "/counted") { _, _ in calls.withLock { $0 += 1 } }
            ])
            middleware.decision = .later
            try client.send("GET /counted HTTP/1.1\r\nHost: test\r\n\r\n")
            let exchange = try middleware.take()
            keeper.server?.stop()
            #expect(try client.readResponse().status == 503)
            exchange.proceed()
            exchange.respond(.no)
            #expect(calls.withLock { $0 } == 0)
        }
    }
}

extension HTTPResponse {
    fileprivate static let no = text("no", status: 403)
}

/// Keeps a server until the test's end; a middleware that did would keep it forever.
final class Keeper {
    var server: MetricsServer?
    var port: UInt16 { server?.boundAddresses[0].port ?? 0 }
}

/// Does as it is told.
final class ScriptedMiddleware: Middleware {
    enum Decision: Sendable {
        case proceed, refuse, later, soon, drop
    }

    private struct State {
        var decision = Decision.proceed
        var headers: [(name: String, value: String)] = []
        var seen: [String] = []
        var held: [MiddlewareExchange] = []
    }

    private let state = Mutex(State())

    var decision: Decision {
        get { state.withLock { $0.decision } }
        set { state.withLock { $0.decision = newValue } }
    }
    var responseHeaders: [(name: String, value: String)] { state.withLock { $0.headers } }
    var seen: [String] { state.withLock { $0.seen } }

    func setHeaders(_ headers: [(name: String, value: String)]) {
        state.withLock { $0.headers = headers }
    }

    /// Waits for a request that is held.
    func take() throws -> MiddlewareExchange {
        try waitUntil("a request is with the middleware") { state.withLock { !$0.held.isEmpty } }
        return state.withLock { $0.held.removeFirst() }
    }

    func handle(_ request: HTTPRequest, _ exchange: MiddlewareExchange) {
        let decision = state.withLock { state in
            state.seen.append("\(request.method) \(request.path)")
            if state.decision == .later { state.held.append(exchange) }
            return state.decision
        }
        switch decision {
        case .proceed: exchange.proceed()
        case .refuse: exchange.respond(.no)
        case .later, .drop: break
        case .soon:
            Thread.detachNewThread {
                usleep(.random(in: 0...60))
                exchange.proceed()
            }
            usleep(.random(in: 0...60))
        }
    }
}
