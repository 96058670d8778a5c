import Testing

@testable import WebConfiguration

/// Errors name the file, the line and the key.
struct RefusalTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let text: String
        let line: Int?
        let key: String?
        let problem: String

        init(_ text: String, _ line: Int?, _ key: String?, _ problem: String) {
            self.text = text
            self.line = line
            self.key = key
            self.problem = problem
        }

        var testDescription: String { String(text.prefix(80)) }
    }

    private static func expect(_ refusal: Case) {
        let error = #expect(throws: WebConfigurationError.self) {
            try WebConfiguration(refusal.text)
        }
        #expect(error?.path == "/etc/exporter/web.yml")
        #expect(error?.line == refusal.line)
        #expect(error?.key == refusal.key)
        #expect(error?.problem.contains(refusal.problem) == true, "\(error?.problem ?? "")")
    }

    private static let tls = "tls_server_config:\n  cert_file: c\n  key_file: k\n"

    @Test(arguments: [
        Case("a: 1", 1, nil, "unknown key 'a'; known are tls_server_config,"),
        Case("\nhttp_server_config:\n  http3: 1", 3, "http_server_config", "unknown key 'http3'"),
        Case("Basic_auth_users: {}", 1, nil, "unknown key"),
        Case("rate_limit: {}\nrate_limit: {}", 2, nil, "'rate_limit' is there already"),
        Case("basic_auth_users:\n  ? [a]\n  : b", 2, nil, "a key must be a single value"),
        Case("text", 1, nil, "must be a mapping, not a single value"),
        Case("- a", 1, nil, "must be a mapping, not a list"),
        Case("\nrate_limit: 5", 2, "rate_limit", "must be a mapping, not a single value"),
        Case("http_server_config: &a {}\nrate_limit: *a", 2, nil, "aliases"),
        Case("rate_limit:\n  <<: {burst: 1}", 2, nil, "merge keys"),
        Case("rate_limit: {burst: !!str 1}", 1, nil, "type tags"),
        Case("rate_limit: !x {burst: 1}", 1, nil, "type tags"),
        Case("---\n---\n", 2, nil, "a second document"),
        Case("rate_limit: {}\n--- {}\n", 2, nil, "a second document"),
        Case("[[[[[[[[[[[[[[", 1, nil, "nested too deeply"),
        Case("{a: {a: {a: {a: {a: {a: {a: {a: {a: {a: 1", 1, nil, "nested too deeply"),
        Case("rate_limit: {", 2, nil, "did not find expected"),
        Case("a:\n\tb: 1", 2, nil, "cannot start any token"),
        Case("%YAML 3.0\n---\n", 1, nil, "incompatible"),
    ])
    func aFileOfAnotherShape(_ refusal: Case) { Self.expect(refusal) }

    @Test(arguments: [
        Case(
            "tls_server_config: {min_version: TLS12}", 1, "tls_server_config.cert_file", "missing"),
        Case("tls_server_config:\n  cert_file: c", 2, "tls_server_config.key_file", "missing"),
        Case(
            "tls_server_config:\n  cert_file: [c]", 2, "tls_server_config.cert_file", "not a list"),
        Case(tls + "  cert: x", 2, "tls_server_config.cert_file", "beside cert"),
        Case(tls + "  min_version: tls12", 4, "tls_server_config.min_version", "'tls12'"),
        Case(tls + "  min_version: SSL30", 4, "tls_server_config.min_version", "TLS10, TLS11"),
        Case(
            tls + "  max_version: TLS11", 4, "tls_server_config.max_version",
            "less than min_version"
        ),
        Case(
            tls + "  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]", 4,
            "tls_server_config.cipher_suites", "'TLS_RSA_WITH_RC4_128_SHA'"),
        Case(
            tls + "  cipher_suites: TLS_AES_128_GCM_SHA256", 4, "tls_server_config.cipher_suites",
            "must be a list, not a single value"),
        Case(
            tls + "  curve_preferences: [P-256]", 4, "tls_server_config.curve_preferences",
            "'P-256'"),
        Case(
            tls + "  prefer_server_cipher_suites: maybe", 4,
            "tls_server_config.prefer_server_cipher_suites", "true or false"),
        Case(tls + "  client_auth_type: Require", 4, "tls_server_config.client_auth_type", "known"),
        Case(tls + "  client_ca_file: ca", 2, "tls_server_config.client_auth_type", "is missing"),
        Case(
            tls + "  client_ca_file: ca\n  client_auth_type: NoClientCert", 5,
            "tls_server_config.client_auth_type", "say what clients must show"),
        Case(
            tls + "  client_auth_type: RequireAndVerifyClientCert", 4,
            "tls_server_config.client_auth_type", "takes client_ca_file"),
        Case(
            tls + "  client_allowed_sans: [a]", 4, "tls_server_config.client_allowed_sans",
            "takes a client_auth_type"),
        Case(
            tls + "  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: []", 5,
            "tls_server_config.client_allowed_sans", "must name"),
        Case(
            "tls_server_config: {key_file: k, cert_file: \"a\\0b\"}", 1,
            "tls_server_config.cert_file", "NUL"),
    ])
    func aTLSSectionThatMakesNoSense(_ refusal: Case) { Self.expect(refusal) }

    @Test(arguments: [
        Case("http_server_config: {http2: 1}", 1, "http_server_config.http2", "true or false"),
        Case(
            "http_server_config:\n  headers:\n    Server: x", 3, "http_server_config.headers",
            "unknown key 'Server'"),
        Case(
            "http_server_config: {headers: {X-Frame-Options: DENY}}", 1,
            "http_server_config.headers.X-Frame-Options", "deny or sameorigin, not 'DENY'"),
        Case(
            "http_server_config: {headers: {X-XSS-Protection: \"a\\r\\nSet-Cookie: b\"}}", 1,
            "http_server_config.headers.X-XSS-Protection", "no line break"),
        Case(
            "http_server_config: {headers: {X-XSS-Protection: \"a\\tb\"}}", 1,
            "http_server_config.headers.X-XSS-Protection", "no control character"),
        Case(
            "http_server_config: {headers: {X-XSS-Protection: "
                + String(repeating: "x", count: 9000) + "}}", nil, "http_server_config.headers",
            "9020 bytes"),
        Case("rate_limit: {interval: 1, burst: 1}", 1, "rate_limit.interval", "a time like"),
        Case("rate_limit: {interval: -1s, burst: 1}", 1, "rate_limit.interval", "'-1s'"),
        Case("rate_limit: {interval: 1s}", 1, "rate_limit.burst", "at least 1"),
        Case("rate_limit: {interval: 1s, burst: 0}", 1, "rate_limit.burst", "at least 1"),
        Case("rate_limit: {interval: 1s, burst: 1.5}", 1, "rate_limit.burst", "whole number"),
        Case("rate_limit: {burst: 99999999999}", 1, "rate_limit.burst", "whole number"),
    ])
    func headersAndLimitsThatAreNone(_ refusal: Case) { Self.expect(refusal) }

    @Test(arguments: [
        "", "password", "$2y$10$", "$2x$04$sT7oz72gGmNd/8vH4ncCWeMeui/Hl3ND3R.O3/VMUyOktk4Ac1QAa",
        "$1$abc$def", "$2y$04$sT7oz72gGmNd/8vH4ncCWeMeui/Hl3ND3R.O3/VMUyOktk4Ac1QA",
        "$2y$04$sT7oz72gGmNd/8vH4ncCWeMeui/Hl3ND3R.O3/VMUyOktk4Ac1QAaa",
        "$2y$4$sT7oz72gGmNd/8vH4ncCWeMeui/Hl3ND3R.O3/VMUyOktk4Ac1QAaaa",
        "$2y$+4$sT7oz72gGmNd/8vH4ncCWeMeui/Hl3ND3R.O3/VMUyOktk4Ac1QAa",
        "$2y$04$sT7oz72gGmNd/8vH4ncCWeMeui/Hl3ND3R.O3/VMUyOktk4Ac1Q=a",
        "$2y$03$sT7oz72gGmNd/8vH4ncCWeMeui/Hl3ND3R.O3/VMUyOktk4Ac1QAa",
        "$2y$16$sT7oz72gGmNd/8vH4ncCWeMeui/Hl3ND3R.O3/VMUyOktk4Ac1QAa",
    ])
    func whatIsNoBcryptHashIsRefusedAndNotRepeated(_ hash: String) {
        let error = #expect(throws: WebConfigurationError.self) {
            try WebConfiguration("basic_auth_users:\n  alice: \"\(hash)\"")
        }
        #expect(error?.line == 2)
        #expect(error?.key == "basic_auth_users.'alice'")
        #expect(hash.isEmpty || "\(error?.problem ?? hash)".contains(hash) == false)
    }

    @Test func aUserWhoCouldNeverLogInIsAMistake() {
        Self.expect(
            Case("basic_auth_users: {'a:b': x}", 1, "basic_auth_users.'a:b'", "with a colon"))
    }

    @Test func bytesThatAreNoTextAreRefusedWithTheirLine() {
        for bytes: [UInt8] in [
            [0xff], [0xc3], [0xed, 0xa0, 0x80], [0x00], [0xf5, 0x80, 0x80, 0x80],
        ] {
            let error = #expect(throws: WebConfigurationError.self) {
                try WebConfiguration(
                    parsing: Array("# one\n# two ".utf8) + bytes + Array("\n".utf8), path: "x")
            }
            #expect(error?.line == 2, "\(bytes)")
        }
    }

    @Test func anErrorReadsAsASentence() {
        let error = WebConfigurationError(
            path: "/etc/web.yml", line: 3, key: "rate_limit.burst", problem: "must be at least 1")
        #expect(
            "\(error)" == "cannot use the web configuration /etc/web.yml, line 3: "
                + "rate_limit.burst: must be at least 1")
    }

    @Test func aLongTextIsCutInAMessage() {
        let error = #expect(throws: WebConfigurationError.self) {
            try WebConfiguration(String(repeating: "k", count: 500) + ": 1")
        }
        #expect(error.map { "\($0)".utf8.count < 300 } == true)
    }
}
