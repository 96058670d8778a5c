import Testing

@testable import WebConfiguration

struct ParsingTests {
    @Test(arguments: [
        "", "\n", "# nothing\n", "---\n", "---\n...\n", "~", "null\n", "{}", "tls_server_config:\n",
        "tls_server_config: {}\nhttp_server_config:\nbasic_auth_users:\nrate_limit: ~\n",
        "tls_server_config: {cert_file: '', key_file: \"\", client_ca_file: }\n",
        "\u{feff}http_server_config:\n",
    ])
    func anEmptyFileIsPlainHTTPForEverybody(_ text: String) throws {
        #expect(try WebConfiguration(text) == WebConfiguration())
    }

    @Test func aFullFileIsRead() throws {
        let configuration = try WebConfiguration(Sample.full)
        let tls = try #require(configuration.tls)
        #expect(tls.certificate == .file("/etc/exporter/tls/cert.pem"))
        #expect(tls.key == .file("/keys/key.pem"))
        #expect(tls.clientCA == .file("/etc/exporter/ca.pem"))
        #expect(tls.clientAuthentication == .requireAndVerify)
        #expect(tls.allowedClientSANs == ["prometheus.example", "10.0.0.1"].map { Array($0.utf8) })
        #expect((tls.minVersion, tls.maxVersion) == (.tls11, .tls13))
        #expect(tls.cipherSuites == [.ecdheRSAWithAES256GCM, .ecdheECDSAWithChaCha20])
        #expect(tls.curves == [.x25519, .p256])
        #expect(!tls.prefersServerCipherSuites)
        #expect(
            configuration.headers == [
                ResponseHeader(name: "Content-Security-Policy", value: "default-src 'self'; a: b"),
                ResponseHeader(name: "X-Frame-Options", value: "deny"),
            ])
        #expect(configuration.rateLimit == RateLimit(intervalSeconds: 0.25, burst: 20))
        #expect(configuration.users.hashes.count == 2)
        #expect(configuration.users.hashes[Array("zoë".utf8)]?.cost == 5)
        #expect(configuration.users.highestCost == 5)
        #expect(configuration.remarks.count == 1)
    }

    @Test func theDefaultsAreTheToolkits() throws {
        let tls = try #require(
            try WebConfiguration("tls_server_config: {cert_file: c, key_file: k}").tls)
        #expect((tls.minVersion, tls.maxVersion) == (.tls12, .tls13))
        #expect(tls.clientAuthentication == .none)
        #expect(tls.prefersServerCipherSuites)
        #expect(tls.cipherSuites.isEmpty && tls.curves.isEmpty)
        #expect(tls.allowedClientSANs == nil && tls.clientCA == nil)
    }

    @Test func certificatesMayStandInTheFile() throws {
        let tls = try #require(
            try WebConfiguration(
                "tls_server_config:\n  cert: |\n    one\n    two\n  key: three\n"
                    + "  client_ca: four\n  client_auth_type: VerifyClientCertIfGiven\n"
            ).tls)
        #expect(tls.certificate == .inline("one\ntwo\n"))
        #expect(tls.key == .inline("three"))
        #expect(tls.clientCA == .inline("four"))
        #expect(tls.paths == [])
    }

    @Test(arguments: [
        ("web.yml", "./c.pem"), ("a/web.yml", "a/c.pem"), ("/web.yml", "//c.pem"),
        ("/etc/x/web.yml", "/etc/x/c.pem"),
    ])
    func relativePathsBeginInTheFilesDirectory(_ path: String, _ expected: String) throws {
        let text = "tls_server_config: {cert_file: c.pem, key_file: /k.pem}"
        let tls = try #require(
            try WebConfiguration(parsing: Array(text.utf8), path: path).tls)
        #expect(tls.certificate == .file(expected))
        #expect(tls.key == .file("/k.pem"))
    }

    @Test func anOlderNameOfAClientPolicyIsTaken() throws {
        let text =
            "tls_server_config: {cert_file: c, key_file: k, client_auth_type: RequireClientCert}"
        #expect(try WebConfiguration(text).tls?.clientAuthentication == .requireAny)
    }

    /// By bytes, as an attacker's and a user's names must never be taken for one another.
    @Test func namesThatOnlyLookEqualAreTwoUsers() throws {
        let users = try WebConfiguration(
            "basic_auth_users: {\"\u{e9}\": \(Sample.hash), \"e\u{301}\": \(Sample.hash)}"
        ).users
        #expect(users.hashes.count == 2)
    }

    @Test(arguments: ["y", "Yes", "ON", "true", "True"], [true, false])
    func truthHasManySpellings(_ spelling: String, _ isQuoted: Bool) throws {
        let value = isQuoted ? "'\(spelling)'" : spelling
        let text = "tls_server_config: {cert_file: c, key_file: k, "
        let whole = text + "prefer_server_cipher_suites: \(value)}"
        if isQuoted {
            #expect(throws: WebConfigurationError.self) { try WebConfiguration(whole) }
        } else {
            #expect(try WebConfiguration(whole).tls?.prefersServerCipherSuites == true)
        }
    }

    @Test(arguments: [
        ("0", 0), ("0s", 0), ("1s", 1), ("1m30s", 90), ("1.5h", 5400), ("300ms", 0.3), (".5s", 0.5),
        ("5.s", 5), ("2us", 2e-6), ("2\u{b5}s", 2e-6), ("2\u{3bc}s", 2e-6), ("7ns", 7e-9),
        ("8760h", 31_536_000),
    ])
    func timesAreSpelledAsInGo(_ text: String, _ expected: Double) throws {
        let seconds = try #require(goDurationSeconds(text))
        #expect(abs(seconds - expected) <= expected * 1e-12)
    }

    @Test(arguments: [
        "", "1", "s", ".s", "1 s", "1S", "1d", "-1s", "+1s", "1s ", "1e3s", "0x1s", "1..5s", "nan",
        "inf", "1\u{301}s", "\u{0661}s", "99999999999999999999999999s", "8800h", "1s1",
    ])
    func otherTimesAreNone(_ text: String) {
        #expect(goDurationSeconds(text) == nil)
    }

    @Test func anIntervalOfNothingIsNoLimit() throws {
        #expect(try WebConfiguration("rate_limit: {interval: 0, burst: 5}").rateLimit == nil)
        #expect(try WebConfiguration("rate_limit: {burst: 5}").rateLimit == nil)
    }
}
