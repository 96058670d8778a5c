import Testing

@testable import MetricsServer

extension MetricsServerTests {
    @Suite struct Answering {
        let echo = Route(path: "/echo path") { request, exchange in
            let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: ";")
            let accept = request.header("ACCEPT") ?? "none"
            exchange.respond(.text("\(request.method) \(request.path) \(query) \(accept)"))
        }

        @Test func getIsAnsweredWithStatusHeadersAndBody() throws {
            let body = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
            let server = try TestServer([
                Route(path: "/bytes") { _, exchange in
                    exchange.respond(
                        HTTPResponse(
                            status: 203, contentType: "application/x-test",
                            headers: [(name: "X-Test", value: "a: b")], body: body))
                }
            ])
            let response = try server.connect().get("/bytes")
            #expect(response.status == 203)
            #expect(response.body == body)
            #expect(response.headers["content-type"] == "application/x-test")
            #expect(response.headers["x-test"] == "a: b")
            #expect(response.headers["content-length"] == "100000")
            #expect(response.headers["date"]?.hasSuffix("GMT") == true)
        }

        @Test func anEmptyBodyIsAnAnswer() throws {
            let server = try TestServer([
                Route(path: "/empty") { _, exchange in
                    exchange.respond(HTTPResponse(contentType: "text/plain", body: []))
                }
            ])
            let response = try server.connect().get("/empty")
            #expect(response.status == 200)
            #expect(response.headers["content-length"] == "0")
        }

        @Test func headIsAnsweredAsGetWithoutTheBody() throws {
            let server = try TestServer([hello])
            let client = try server.connect()
            let head = try client.get("/hello", method: "HEAD")
            let get = try client.get("/hello")
            #expect(head.status == 200)
            #expect(
                head.headers.filter { $0.key != "date" } == get.headers.filter { $0.key != "date" })
            #expect(head.headers["content-length"] == "6")
            #expect(get.text == "hello\n")
        }

        @Test func anUnknownPathIsNotFound() throws {
            let server = try TestServer([hello])
            let response = try server.connect().get("/hello/")
            #expect(response.status == 404)
            #expect(response.text == "not found\n")
            #expect(response.headers["content-type"] == "text/plain; charset=utf-8")
        }

        @Test(arguments: ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "get", "NONSENSE"])
        func anotherMethodIsNotAllowed(_ method: String) throws {
            let server = try TestServer([hello])
            let response = try server.connect().get("/hello", method: method)
            #expect(response.status == 405)
            #expect(response.headers["allow"] == "GET, HEAD")
        }

        @Test func handlersSeeTheDecodedPathTheQueryAndTheHeaders() throws {
            let server = try TestServer([echo])
            let client = try server.connect()
            try client.send(
                "GET /echo%20path?a=1&b=%26%3d&c HTTP/1.1\r\nHost: test\r\n"
                    + "accept: one\r\nAccept: two\r\n\r\n")
            #expect(try client.readResponse().text == "GET /echo path a=1;b=&=;c= one, two\n")
        }

        @Test func bytesThatAreNoTextAreReplaced() throws {
            let server = try TestServer([echo])
            let client = try server.connect()
            try client.send("GET /echo%20path?a=%ff HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(try client.readResponse().text == "GET /echo path a=\u{fffd} none\n")
        }

        @Test func aConnectionServesManyRequests() throws {
            let server = try TestServer([hello])
            let client = try server.connect()
            for _ in 0..<50 {
                #expect(try client.get("/hello").text == "hello\n")
            }
        }

        @Test func pipelinedRequestsAreAnsweredInTheirOrder() throws {
            let server = try TestServer([echo])
            let client = try server.connect()
            let requests = (0..<20).map {
                "GET /echo%20path?n=\($0) HTTP/1.1\r\nHost: test\r\n\r\n"
            }
            try client.send(requests.joined())
            for number in 0..<20 {
                #expect(try client.readResponse().text == "GET /echo path n=\(number) none\n")
            }
        }

        @Test func anOldClientIsAnsweredAndClosed() throws {
            let server = try TestServer([hello])
            let client = try server.connect()
            try client.send("GET /hello HTTP/1.0\r\n\r\n")
            #expect(
                String(decoding: try client.readToEnd(), as: UTF8.self).hasSuffix("\r\n\r\nhello\n")
            )
        }

        @Test(arguments: ["/hello", "/unknown"], ["GET", "POST"])
        func aBodyIsThrownAwayAndTheConnectionGoesOn(_ path: String, _ method: String) throws {
            let server = try TestServer([hello])
            let client = try server.connect()
            let body = String(repeating: "GET /x HTTP/1.1\r\n", count: 1000)
            try client.send(
                "\(method) \(path) HTTP/1.1\r\nHost: test\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                    + body)
            let status = path == "/unknown" ? 404 : method == "POST" ? 405 : 200
            #expect(try client.readResponse().status == status)
            #expect(try client.get("/hello").status == 200)
        }

        @Test func oneServerListensOnSeveralAddresses() throws {
            let address = try ListenAddress(parsing: "127.0.0.1:0")
            let server = try MetricsServer(
                listening: [address, address], routes: [hello], log: { _ in })
            for bound in server.boundAddresses {
                #expect(try TestClient(port: try #require(bound.port)).get("/hello").status == 200)
            }
        }
    }
}
