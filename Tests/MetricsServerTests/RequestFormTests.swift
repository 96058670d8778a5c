import Foundation
import Testing

@testable import MetricsServer

extension MetricsServerTests {
    /// Requests as clients, proxies and attackers write them.
    @Suite struct RequestForms {
        private let echo = Route(path: "/echo") { request, exchange in
            let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: ";")
            exchange.respond(.text("\(request.query.count) \(query)"))
        }

        @Test(arguments: [
            ("/echo?a=1", "1 a=1\n"), ("http://test:10793/echo?a=1", "1 a=1\n"),
            ("HTTPS://test/echo?a=%2f+%2B&b&=c", "3 a=/ +;b=;=c\n"),
            ("http://[fe80::1%25eth0]/echo", "0 \n"), ("/echo?", "0 \n"), ("/echo?&&", "0 \n"),
            ("/%65cho?%61=%3D", "1 a==\n"), ("/echo?a=%zz%4", "1 a=%zz%4\n"),
            ("/echo?a=?", "1 a=?\n"),
        ])
        func theOriginAndTheAbsoluteFormAreServed(_ target: String, _ text: String) throws {
            let server = try TestServer([echo])
            let response = try server.connect().get(target)
            #expect(response.status == 200)
            #expect(response.text == text)
        }

        @Test(arguments: [500, 5000]) func manyArgumentsGetAResponse(_ count: Int) throws {
            let server = try TestServer([echo])
            let query = (0..<count).map { _ in "a=1" }.joined(separator: "&")
            let response = try server.connect().get("/echo?\(query)")
            #expect(response.status == 200)
            #expect(response.text.hasPrefix("\(count) "))
        }

        /// What stands between `\0` is a NUL.
        @Test(arguments: [
            "GET /hello%00 HTTP/1.1|Host: a", "GET /hello?a=%00 HTTP/1.1|Host: a",
            "GET /hello?%00 HTTP/1.1|Host: a", "GET /hello\0 HTTP/1.1|Host: a",
            "GET /hello?\0 HTTP/1.1|Host: a", "GET \0/hello HTTP/1.1|Host: a",
            "GET\0 /hello HTTP/1.1|Host: a", "GET /hello HTTP/1.1|Host: a\0",
            "GET /hello HTTP/1.1|Host: a|X: \0y", "GET /hello HTTP/1.1|X: y\0z|Host: a",
            "GET /hello HTTP/1.1|Host: a|X:\0", "GET /hello HTTP/1.1|X\0: y|Host: a",
            "GET /hello HTTP/1.1|Host: a|X: y| z", "GET /hello HTTP/1.1|X: y|\tz|Host: a",
            "GET /hello HTTP/1.1| X: y|Host: a", "GET /hello HTTP/1.1|Host: a| ",
            "GET /hello HTTP/1.1|Host: a|X : y", "GET /hello HTTP/1.1|Host: a|: y",
            "GET /hello HTTP/1.1|Host: a|X: y\rz", "GET /hello HTTP/1.1|Host: a|Host: a",
            "GET /hello HTTP/1.1|Host: a|Content-Length: 0|Content-Length: 0",
            "GET /hello HTTP/1.1|Host: a|Content-Length: 0|content-length: 1",
            "GET /hello HTTP/1.1|Host: a|Content-Length: 0, 0",
            "GET /hello HTTP/1.1|Host: a|Content-Length: +0",
            "GET /hello HTTP/1.1|Host: a|Content-Length: 0|Transfer-Encoding: chunked",
            "GET /hello HTTP/1.1|Host: a|Transfer-Encoding: chunked|Content-Length: 0",
            "GET /hello HTTP/1.1|Host: a|Transfer-Encoding: gzip, chunked",
            "GET /hello HTTP/1.1|Host: a|Transfer-Encoding: chunked|Transfer-Encoding: chunked",
        ])
        func aRequestThatCanBeUnderstoodInSeveralWaysIs400AndClosed(_ lines: String) throws {
            let server = try TestServer([hello])
            for lineBreak in ["\r\n", "\n"] {
                let client = try server.connect()
                let head = lines.replacing("|", with: lineBreak)
                try client.send(head + lineBreak + lineBreak)
                #expect(try client.readResponse().status == 400, "\(head.debugDescription)")
                // What follows may be a part of the request.
                try? client.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n")
                let rest = String(decoding: try client.readToEnd(), as: UTF8.self)
                #expect(!rest.contains("200 OK"))
            }
        }

        @Test(arguments: [
            "GET /hello HTTP/1.0", "GET /hello HTTP/1.1|Host: test",
            "GET /hello HTTP/1.1|hOST:test",
            "GET /hello HTTP/1.1|Host: test|X:|Y: |Z:  z  ", "GET /hello HTTP/1.1|X: é|Host: test",
            "GET /hello HTTP/1.1|Host: test|Cookie: a=b; c=d|Cookie: e",
            "GET /hello HTTP/1.1|Host: test|X: a\tb",
            "GET /hello HTTP/1.1|Host: test|Content-Length: 0",
            "GET /hello HTTP/1.1|Connection: Upgrade, HTTP2-Settings|Host: test|Upgrade: h2c",
        ])
        func plainRequestsAreServed(_ lines: String) throws {
            let server = try TestServer([hello])
            for lineBreak in ["\r\n", "\n"] {
                let client = try server.connect()
                let head = lines.replacing("|", with: lineBreak)
                try client.send("\r\n" + head + lineBreak + lineBreak)
                #expect(try client.readResponse().status == 200, "\(head.debugDescription)")
            }
        }

        @Test func piecesOfAnySizeMakeARequest() throws {
            let server = try TestServer([echo])
            let request = "GET /echo?a=1&b=2 HTTP/1.1\r\nHost: test\r\nX: y\r\nZ: \r\n\r\n"
            for byteCount in 1...12 {
                let client = try server.connect()
                for start in stride(from: 0, to: request.utf8.count, by: byteCount) {
                    let piece = request.utf8.dropFirst(start).prefix(byteCount)
                    try client.send(Array(piece))
                    if start % 3 == 0 { usleep(200) }
                }
                #expect(try client.readResponse().text == "2 a=1;b=2\n")
            }
        }

        @Test func aRequestAroundTheLimitOfHeadersGetsAResponse() throws {
            let server = try TestServer([hello])
            var statuses: Set<Int> = []
            for byteCount in stride(from: 32_000, to: 40_000, by: 97) {
                let client = try server.connect()
                let value = String(repeating: "x", count: byteCount)
                try client.send("GET /hello HTTP/1.1\r\nHost: test\r\nX: \(value)\r\n\r\n")
                statuses.insert(try client.readResponse().status)
            }
            #expect(statuses == [200, 431])
            for count in stride(from: 400, to: 600, by: 7) {
                let client = try server.connect()
                let headers = String(repeating: "X: y\r\n", count: count)
                try client.send("GET /hello HTTP/1.1\r\nHost: test\r\n\(headers)\r\n")
                statuses.insert(try client.readResponse().status)
            }
            #expect(statuses == [200, 431])
        }
    }
}
