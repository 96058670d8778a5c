import Foundation
import TestSupport
import Testing

extension SlowCommandTests {
    /// TLS from the web configuration, tested with curl and openssl.
    @Suite(.slow, .requires(.curl), .requires(.tool("openssl")))
    struct TLS {
        private let certificates: Certificates

        init() throws { certificates = try Certificates.make() }

        private func start(
            _ lines: [String] = [], server: String = "server", options: [String] = []
        ) throws -> RunningExporter {
            let file = try certificates.configure(lines, server: server)
            return try RunningExporter(["--web.config.file", file] + options)
        }

        /// Whether openssl completes the handshake and gets a response.
        private func isAnswered(_ exporter: RunningExporter, _ options: [String]) throws -> Bool {
            let result = try run(
                "openssl",
                ["s_client", "-connect", exporter.addresses[0], "-quiet"]
                    + ["-CAfile", "\(certificates.path)/ca.pem", "-verify_return_error"] + options,
                input: "GET /-/healthy HTTP/1.0\r\n\r\n")
            return result.standardOutput.contains("200 OK")
        }

        private func client(_ name: String?) -> [String] {
            guard let name else { return [] }
            let file = "\(certificates.path)/\(name)"
            return ["-cert", "\(file).pem", "-key", "\(file).key"]
        }

        // MARK: Versions, suites, curves

        private static let old = ["-cipher", "ALL:@SECLEVEL=0"]

        @Test func onlyTheConfiguredVersionsAreUsed() throws {
            let versions = ["-tls1", "-tls1_1", "-tls1_2", "-tls1_3"]
            for (lines, expected) in [
                ([], [false, false, true, true]),
                (["min_version: TLS10"], [true, true, true, true]),
                (["min_version: TLS11", "max_version: TLS12"], [false, true, true, false]),
                (["min_version: TLS13"], [false, false, false, true]),
                (["max_version: TLS12"], [false, false, true, false]),
            ] {
                let exporter = try start(lines)
                let answered = try versions.map { version in
                    try isAnswered(exporter, [version] + (version == "-tls1_3" ? [] : Self.old))
                }
                #expect(answered == expected, "\(lines)")
            }
        }

        @Test func onlyTheConfiguredCipherSuitesAreUsed() throws {
            let listed =
                "[TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA]"
            let exporter = try start(["max_version: TLS12", "cipher_suites: \(listed)"])
            #expect(try isAnswered(exporter, ["-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"]))
            #expect(try !isAnswered(exporter, ["-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"]))
            #expect(try !isAnswered(exporter, ["-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"]))
        }

        @Test func keyExchangeWithoutForwardSecrecyMustBeConfigured() throws {
            try certificates.issue("rsa", key: ["rsa:2048"], extensions: Certificates.server)
            let options = ["-tls1_2", "-cipher", "AES128-GCM-SHA256"]
            #expect(try !isAnswered(start(server: "rsa"), options))
            let suites = ["cipher_suites: [TLS_RSA_WITH_AES_128_GCM_SHA256]"]
            let exporter = try start(suites, server: "rsa")
            #expect(try isAnswered(exporter, options))
            #expect(try isAnswered(exporter, ["-tls1_3"]))
        }

        @Test func onlyTheConfiguredCurvesAreUsed() throws {
            // Before TLS 1.3 a client's curves must include that of the server's key.
            try certificates.issue("rsa", key: ["rsa:2048"], extensions: Certificates.server)
            let exporter = try start(["curve_preferences: [CurveP384, X25519]"], server: "rsa")
            for version in ["-tls1_2", "-tls1_3"] {
                #expect(try isAnswered(exporter, [version, "-curves", "X25519"]))
                #expect(try isAnswered(exporter, [version, "-curves", "P-384"]))
                #expect(try !isAnswered(exporter, [version, "-curves", "P-521"]))
            }
        }

        // MARK: Clients

        @Test func clientsAreAuthenticated() throws {
            let clients = [nil, "good", "stranger", "expired", "misused"]
            for (type, expected) in [
                ("NoClientCert", [true, true, true, true, true]),
                ("RequestClientCert", [true, true, true, true, true]),
                ("RequireAnyClientCert", [false, true, true, true, true]),
                ("VerifyClientCertIfGiven", [true, true, false, false, false]),
                ("RequireAndVerifyClientCert", [false, true, false, false, false]),
            ] {
                let authority = type == "NoClientCert" ? [] : ["client_ca_file: ca.pem"]
                let exporter = try start(["client_auth_type: \(type)"] + authority)
                for version in ["-tls1_2", "-tls1_3"] {
                    let answered = try clients.map {
                        try isAnswered(exporter, [version] + client($0))
                    }
                    #expect(answered == expected, "\(type) \(version)")
                }
            }
        }

        @Test(arguments: [
            ("client.example", true), ("192.0.2.1", true), ("a@client.example", true),
            ("urn:x:client", true), ("*.example", false), ("good", false),
            ("CLIENT.example", false), ("other.example", false), ("urn:x:K", true),
            // The Kelvin sign, which Unicode has equal to the letter.
            ("urn:x:\u{212a}", false),
        ])
        func onlyClientsOfAllowedNamesAreLetIn(_ name: String, _ isAllowed: Bool) throws {
            let exporter = try start([
                "client_auth_type: RequireAndVerifyClientCert", "client_ca_file: ca.pem",
                "client_allowed_sans: [nobody.example, \"\(name)\"]",
            ])
            #expect(try isAnswered(exporter, client("good")) == isAllowed)
            #expect(try !isAnswered(exporter, client("misused")))
        }

        @Test func aChainWithAnIntermediateIsSentAndAccepted() throws {
            try certificates.issue("middle", extensions: "basicConstraints=critical,CA:TRUE\n")
            try certificates.issue("leaf", by: "middle", extensions: Certificates.server)
            try certificates.issue("below", by: "middle", extensions: Certificates.client)
            for name in ["leaf", "below"] {
                let parts = try [name, "middle"].map {
                    try String(contentsOfFile: "\(certificates.path)/\($0).pem", encoding: .utf8)
                }
                try Data(parts.joined().utf8)
                    .write(to: URL(filePath: "\(certificates.path)/\(name)-chain.pem"))
                try certificates.put("\(name).key", inPlaceOf: "\(name)-chain.key")
            }
            let exporter = try start(
                ["client_auth_type: RequireAndVerifyClientCert", "client_ca_file: ca.pem"],
                server: "leaf-chain")
            let chain = ["-cert_chain", "\(certificates.path)/middle.pem"]
            #expect(try isAnswered(exporter, client("below") + chain))
            #expect(try !isAnswered(exporter, client("below")))
        }

        // MARK: Reload

        /// Asks twice on one connection, with a pause for whoever feeds it, and then on a new one.
        /// Each line is the serial number of the certificate seen, or why there was no answer.
        private static let patient = """
            import http.client, ssl, sys
            host, port = sys.argv[1].split(':')
            context = ssl.create_default_context(cafile=sys.argv[2])
            context.check_hostname = False
            if len(sys.argv) > 3: context.load_cert_chain(sys.argv[3], sys.argv[4])
            def ask(connection):
                try:
                    connection.request('GET', '/metrics')
                    answer = connection.getresponse()
                    answer.read()
                    print(answer.status, connection.sock.getpeercert()['serialNumber'], flush=True)
                except (OSError, http.client.HTTPException) as error:
                    print('refused', type(error).__name__, flush=True)
            def connect(): return http.client.HTTPSConnection(host, int(port), context=context)
            first = connect()
            ask(first)
            sys.stdin.readline()
            ask(first)
            ask(connect())
            """

        private func serial(_ name: String) throws -> String {
            try certificates.openssl(["x509", "-noout", "-serial", "-in", "\(name).pem"])
                .replacingOccurrences(of: "serial=", with: "").trimmingCharacters(
                    in: .whitespacesAndNewlines)
        }

        /// What a patient client was told before and after a change, which is given two seconds.
        private func lines(
            _ exporter: RunningExporter, _ credentials: [String] = [], change: () throws -> Void
        ) throws -> [String] {
            let client = try ChildProcess(
                "python3",
                ["-c", Self.patient, exporter.addresses[0], "\(certificates.path)/ca.pem"]
                    + credentials)
            try client.awaitOutput("\n")
            try change()
            sleep(2)
            client.endInput()
            _ = try client.wait(within: .seconds(20))
            return client.standardOutput.split(separator: "\n").map(String.init)
        }

        @Test(.requires(.tool("python3")))
        func aRenewedCertificateIsShownToNewConnectionsAndOldOnesGoOn() throws {
            try certificates.issue("renewed", extensions: Certificates.server)
            let exporter = try start()
            let (before, after) = (try serial("server"), try serial("renewed"))
            let seen = try lines(exporter) {
                try certificates.put("renewed.key", inPlaceOf: "server.key")
                try certificates.put("renewed.pem", inPlaceOf: "server.pem")
            }
            #expect(seen == ["200 \(before)", "200 \(before)", "200 \(after)"])
        }

        @Test(.requires(.tool("python3")))
        func aCertificateWithoutItsKeyKeepsTheOldOne() throws {
            try certificates.issue("renewed", extensions: Certificates.server)
            let exporter = try start()
            let before = try serial("server")
            let seen = try lines(exporter) {
                try certificates.put("renewed.pem", inPlaceOf: "server.pem")
            }
            #expect(seen == Array(repeating: "200 \(before)", count: 3))
            #expect(exporter.child.standardError.contains("certificate and key cannot be used"))
            let metrics = try run(
                "curl",
                ["-sS", "--cacert", "\(certificates.path)/ca.pem"]
                    + ["https://\(exporter.addresses[0])/metrics"])
            #expect(
                metrics.standardOutput.contains("tcptable_web_config_last_reload_successful 0\n"))
        }

        @Test(.requires(.tool("python3")))
        func aClientIsRevokedByAnotherAuthority() throws {
            try certificates.put("ca.pem", inPlaceOf: "clients.pem")
            let exporter = try start([
                "client_auth_type: RequireAndVerifyClientCert", "client_ca_file: clients.pem",
            ])
            let credentials = ["good.pem", "good.key"].map { "\(certificates.path)/\($0)" }
            let seen = try lines(exporter, credentials) {
                try certificates.put("foreign.pem", inPlaceOf: "clients.pem")
            }
            let serial = try serial("server")
            #expect(seen.prefix(2) == ["200 \(serial)", "200 \(serial)"])
            #expect(seen.count == 3 && seen[2].hasPrefix("refused"), "\(seen)")
        }

        // MARK: Errors

        @Test func anUnsupportedFileIsAnErrorAtTheStart() throws {
            try Data("nonsense".utf8).write(to: URL(filePath: "\(certificates.path)/bad.pem"))
            try certificates.openssl(
                ["ec", "-in", "server.key", "-aes128", "-passout", "pass:x", "-out", "locked.key"])
            for (lines, reason) in [
                (
                    ["cert_file: server.pem", "key_file: good.key"],
                    "certificate and key cannot be used"
                ),
                (
                    ["cert_file: bad.pem", "key_file: server.key"],
                    "certificate and key cannot be used"
                ),
                (
                    ["cert_file: server.pem", "key_file: locked.key"],
                    "certificate and key cannot be used"
                ),
                (["cert_file: none.pem", "key_file: server.key"], "none.pem: No such file"),
                (
                    ["cert_file: server.pem", "key_file: server.key", "client_ca_file: bad.pem"]
                        + ["client_auth_type: RequireAndVerifyClientCert"],
                    "client_ca_file: "
                ),
                (
                    ["cert_file: server.pem", "key_file: server.key"]
                        + ["cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]"],
                    "none of them can be served by the server's key"
                ),
            ] {
                let text = "tls_server_config:\n" + lines.map { "  \($0)\n" }.joined()
                let file = "\(certificates.path)/web.yml"
                try Data(text.utf8).write(to: URL(filePath: file))
                let result = try run(
                    exporter, ["--web.listen-address=127.0.0.1:0", "--web.config.file", file])
                #expect(result.status == .exited(1))
                #expect(result.standardError.contains(reason), "\(result.standardError)")
            }
        }

        @Test func aListThatWouldBeServedWithMoreIsRefused() throws {
            try certificates.issue("rsa", key: ["rsa:2048"], extensions: Certificates.server)
            let suites =
                "[TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_RSA_WITH_AES_256_GCM_SHA384]"
            let file = try certificates.configure(["cipher_suites: \(suites)"], server: "rsa")
            let result = try run(
                exporter, ["--web.listen-address=127.0.0.1:0", "--web.config.file", file])
            #expect(result.status == .exited(1))
            #expect(result.standardError.contains("would also serve"))
        }

        // MARK: Hostile clients

        /// Many failed handshakes: noise, half a hello, and silence.
        private static let rotten = """
            import os, socket, ssl, sys
            host, port = sys.argv[1].split(':')
            source, sink = ssl.MemoryBIO(), ssl.MemoryBIO()
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            hello = context.wrap_bio(source, sink)
            try: hello.do_handshake()
            except ssl.SSLWantReadError: pass
            hello = sink.read()
            for n in range(int(sys.argv[2])):
                with socket.create_connection((host, int(port))) as client:
                    noise = [os.urandom(200), hello[:n % len(hello)], b'GET / HTTP/1.1\\r\\n\\r\\n',
                             hello[:20] + os.urandom(300), hello][n % 5]
                    try: client.sendall(noise)
                    except OSError: pass
            print('done')
            """

        /// Prints how a connection ends that says nothing (`silent`), or that has got an answer and
        /// then sends no more (`half`).
        private static let quiet = """
            import socket, ssl, sys, time
            host, port = sys.argv[1].split(':')
            with socket.create_connection((host, int(port)), timeout=15) as client:
                if sys.argv[2] == 'half':
                    context = ssl.create_default_context(cafile=sys.argv[3])
                    context.check_hostname = False
                    client = context.wrap_socket(client)
                    client.sendall(b'GET /-/healthy HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n')
                    if not client.recv(4096).startswith(b'HTTP/1.1 200'): sys.exit('no answer')
                    plain = socket.socket(fileno=client.detach())
                    plain.settimeout(15)
                    plain.shutdown(socket.SHUT_WR)
                    client = plain
                while client.recv(4096): pass
            print('closed')
            """

        @Test(
            .requires(.tool("python3")),
            arguments: [("silent", "--web.idle-timeout=1"), ("half", "--web.idle-timeout=60")])
        func aSilentClientIsClosed(_ kind: String, _ option: String) throws {
            let exporter = try start(options: [option])
            let result = try run(
                "python3",
                ["-c", Self.quiet, exporter.addresses[0], kind, "\(certificates.path)/ca.pem"],
                timeout: .seconds(30))
            #expect(result.standardOutput == "closed\n", "\(result.standardError)")
        }

        @Test(.requires(.tool("python3"))) func rottenHandshakesLeaveNothingBehind() throws {
            // Memory is given back when a timeout is due.
            let exporter = try start(options: ["--web.request-timeout=2"])
            func metrics() throws -> MetricsText {
                let result = try run(
                    "curl",
                    ["-sS", "--cacert", "\(certificates.path)/ca.pem"]
                        + ["https://\(exporter.addresses[0])/metrics"])
                return try MetricsText(Array(result.standardOutput.utf8))
            }
            func rot(_ count: Int) throws {
                let arguments = ["-c", Self.rotten, exporter.addresses[0], "\(count)"]
                let result = try run("python3", arguments, timeout: .seconds(60))
                #expect(result.standardOutput == "done\n", "\(result.standardError)")
            }
            try rot(200)
            let before = try exporter.memory("RssAnon")
            let deadline = ContinuousClock.now + .seconds(40)
            try rot(2_000)
            var open = 0.0
            repeat {
                usleep(100_000)
                open = try #require(try metrics().value("tcptable_http_connections"))
            } while open > 1 && ContinuousClock.now < deadline
            #expect(open == 1)
            var after = 0
            repeat {
                usleep(100_000)
                after = try exporter.memory("RssAnon")
            } while after - before > 5_000_000 && ContinuousClock.now < deadline
            #expect(after - before < 5_000_000)
        }
    }
}
