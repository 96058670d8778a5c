import Testing

@testable import MetricsServer

extension MetricsServerTests {
    @Suite struct Listening {
        @Test func theKernelChoosesAPortForZero() throws {
            let server = try TestServer([hello])
            #expect(server.port != 0)
            #expect(server.server.boundAddresses.map(\.description) == ["127.0.0.1:\(server.port)"])
            #expect(try server.connect().get("/hello").status == 200)
        }

        @Test func aTakenPortIsNamedInTheError() throws {
            let taken = try TestServer([hello])
            let error = #expect(throws: MetricsServerError.self) {
                try TestServer(on: "127.0.0.1:\(taken.port)", [hello])
            }
            #expect(
                error?.description
                    == "cannot listen on 127.0.0.1:\(taken.port): Address already in use")
        }

        @Test func anAddressOfAnotherHostIsNamedInTheError() throws {
            let error = #expect(throws: MetricsServerError.self) {
                try TestServer(on: "192.0.2.1:10793", [hello])
            }
            #expect(
                error?.description
                    == "cannot listen on 192.0.2.1:10793: Cannot assign requested address")
        }

        @Test func anUnknownHostIsNamedInTheError() throws {
            let error = #expect(throws: MetricsServerError.self) {
                try TestServer(on: "host.invalid:10793", [hello])
            }
            #expect(error?.description.hasPrefix("cannot resolve host.invalid:10793: ") == true)
        }

        @Test(.requiresIPv6, arguments: [":0", "[::]:0"])
        func oneSocketServesBothFamilies(_ address: String) throws {
            let server = try TestServer(on: address, [hello])
            #expect(server.server.boundAddresses.map(\.description) == ["[::]:\(server.port)"])
            #expect(try TestClient(port: server.port).get("/hello").status == 200)
            #expect(try TestClient(port: server.port, ipv6: true).get("/hello").status == 200)
        }

        @Test func everyAddressIncludesIPv4WhetherThereIsIPv6OrNot() throws {
            let server = try TestServer(on: ":0", [hello])
            let bound = server.server.boundAddresses.map(\.description)
            #expect(bound == ["[::]:\(server.port)"] || bound == ["0.0.0.0:\(server.port)"])
            #expect(try server.connect().get("/hello").status == 200)
        }

        @Test(.requiresIPv6) func anIPv6AddressServesIPv6Alone() throws {
            let server = try TestServer(on: "[::1]:0", [hello])
            #expect(try TestClient(port: server.port, ipv6: true).get("/hello").status == 200)
            #expect(throws: TestClient.Failure.self) { try TestClient(port: server.port) }
        }

        @Test func aHostNameIsLookedUp() throws {
            let server = try TestServer(on: "localhost:0", [hello])
            #expect(server.server.boundAddresses.map(\.description) == ["127.0.0.1:\(server.port)"])
            #expect(try server.connect().get("/hello").status == 200)
        }

        @Test func aPortInTimeWaitIsTakenOver() throws {
            let first = try TestServer([hello])
            let client = try first.connect()
            #expect(try client.get("/hello").status == 200)
            first.server.stop()
            let second = try TestServer(on: "127.0.0.1:\(first.port)", [hello])
            #expect(try second.connect().get("/hello").status == 200)
        }
    }
}
