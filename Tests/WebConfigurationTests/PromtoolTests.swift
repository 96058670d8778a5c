import Foundation
import TestSupport
import Testing

@testable import WebConfiguration

/// What Prometheus' own checker says of the same files.
@Suite(.serialized, .thread(.commands), .requires(.promtool), .requires(.tool("openssl")))
struct PromtoolTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let text: String
        /// Why promtool judges otherwise.
        let difference: String?

        init(_ text: String, but difference: String? = nil) {
            self.text = text
            self.difference = difference
        }

        var testDescription: String { String(text.prefix(100)) }
    }

    private static let tls = "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n"
    private static let headers = "http_server_config:\n  headers:\n    "
    private static let tooNew = "Debian 12's promtool is of 2023, before the toolkit had this"
    private static let firstDocumentOnly = "the toolkit ignores all documents but the first"

    private static let good = [
        Case(""), Case("# nothing\n"), Case("---\n"), Case("{}\n"), Case("~\n"),
        Case("tls_server_config:\nhttp_server_config:\nbasic_auth_users:\n"),
        Case("tls_server_config: {cert_file: '', key_file: ''}\n"),
        Case(tls), Case(tls + "  client_auth_type: NoClientCert\n"),
        Case(tls + "  client_auth_type: RequestClientCert\n"),
        Case(tls + "  client_auth_type: RequireAnyClientCert\n"),
        Case(tls + "  client_auth_type: RequireClientCert\n"),
        Case(tls + "  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: cert.pem\n"),
        Case(tls + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: cert.pem\n"),
        Case(tls + "  min_version: TLS10\n  max_version: TLS13\n"),
        Case(
            tls + "  cipher_suites: ["
                + CipherSuite.allCases.map(\.rawValue).joined(separator: ", ") + "]\n"),
        Case(
            tls + "  curve_preferences: ["
                + Curve.allCases.map(\.rawValue).joined(separator: ", ") + "]\n"),
        Case(tls + "  cipher_suites:\n  curve_preferences: []\n"),
        Case(tls + "  prefer_server_cipher_suites: off\n"),
        Case("http_server_config: {http2: yes}\n"), Case("http_server_config: {http2: False}\n"),
        Case("http_server_config: &unused {http2: true}\n"),
        Case(headers + "X-Frame-Options: sameorigin\n    X-Content-Type-Options: nosniff\n"),
        Case(headers + "X-XSS-Protection: 1; mode=block\n"),
        Case(headers + "X-XSS-Protection: 1\n"),
        Case(headers + "Strict-Transport-Security: max-age=31536000\n"),
        Case(headers + "Content-Security-Policy: \"\"\n"),
        Case(
            "basic_auth_users:\n  alice: \(Sample.hash)\n  \"zo\\u00eb\": '\(Sample.costlierHash)'\n"
        ),
        Case("basic_auth_users: {}\n"),
        Case("%YAML 1.1\n---\nbasic_auth_users:\n  ? alice\n  : >-\n    \(Sample.hash)\n"),
        Case("rate_limit: {interval: 1s, burst: 5}\n", but: tooNew),
        Case("rate_limit:\n", but: tooNew),
        Case(
            tls + "  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: [a]\n",
            but: tooNew),
        Case("tls_server_config: {cert: '', key: ''}\n", but: tooNew),
    ]

    private static let bad = [
        Case("text\n"), Case("[]\n"), Case("unknown: 1\n"), Case("TLS_server_config: {}\n"),
        Case("http_server_config: {http3: true}\n"), Case("http_server_config: []\n"),
        Case("http_server_config: {http2: true, http2: false}\n"),
        Case("http_server_config: {}\nhttp_server_config: {}\n"),
        Case("http_server_config: {http2: maybe}\n"), Case("http_server_config: {http2: 'true'}\n"),
        Case("\thttp_server_config: {}\n"), Case("http_server_config: {\n"),
        Case("http_server_config: *nowhere\n"), Case("{a: 1}: 2\n"),
        Case(headers + "Server: none\n"), Case(headers + "x-frame-options: deny\n"),
        Case(headers + "X-Frame-Options: DENY\n"), Case(headers + "X-Frame-Options: \"\"\n"),
        Case(headers + "X-Content-Type-Options: sniff\n"),
        Case(headers + "X-XSS-Protection: [1]\n"),
        Case("basic_auth_users: {alice: password}\n"), Case("basic_auth_users: {alice: }\n"),
        Case("basic_auth_users: [alice]\n"),
        Case("basic_auth_users: {a: \(Sample.hash), a: \(Sample.hash)}\n"),
        Case("basic_auth_users: {a: \(Sample.hash.replacing("$04$", with: "$03$"))}\n"),
        Case("basic_auth_users: {a: \(Sample.hash.replacing("$04$", with: "$32$"))}\n"),
        Case("tls_server_config: {cert_file: cert.pem}\n"),
        Case("tls_server_config: {key_file: key.pem}\n"),
        Case("tls_server_config: {client_auth_type: RequireAnyClientCert}\n"),
        Case("tls_server_config: {cert_file: missing.pem, key_file: key.pem}\n"),
        Case("tls_server_config: {cert_file: cert.pem, key_file: missing.pem}\n"),
        Case(tls + "  min_version: TLS14\n"), Case(tls + "  max_version: tls13\n"),
        Case(tls + "  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]\n"),
        Case(tls + "  cipher_suites: TLS_AES_128_GCM_SHA256\n"),
        Case(tls + "  curve_preferences: [CurveP224]\n"),
        Case(tls + "  client_auth_type: Everybody\n"),
        Case(tls + "  client_ca_file: cert.pem\n"),
        Case(tls + "  client_ca_file: missing.pem\n  client_auth_type: VerifyClientCertIfGiven\n"),
        Case(tls + "  client_ca_file: cert.pem\n  client_auth_type: NoClientCert\n"),

        Case("--- {}\n--- {}\n", but: firstDocumentOnly),
        Case("---\n---\nunknown: 1\n", but: firstDocumentOnly),
        Case(
            "http_server_config: {http2: !!bool true}\n",
            but: "there is no use for a type tag, and a harmful one for each type"),
        Case(
            "http_server_config: &a {http2: true}\ntls_server_config: *a\n".replacing(
                "tls_server_config: *a\n", with: "basic_auth_users: {a: &b \(Sample.hash), c: *b}\n"
            ),
            but: "a few lines of aliases can stand for gigabytes"),
        Case(
            "http_server_config:\n  <<: {http2: true}\n",
            but: "merging hides which of two values is in force"),
        Case(
            tls + "  min_version: TLS13\n  max_version: TLS12\n",
            but: "the toolkit starts a server that nobody can connect to"),
        Case(
            "tls_server_config: {min_version: TLS13}\n",
            but: "the toolkit serves plain HTTP to who asked for TLS 1.3"),
        Case(
            tls + "  client_auth_type: RequireAndVerifyClientCert\n",
            but: "the toolkit lets in whoever has a certificate of any public authority"),
        Case(
            "basic_auth_users: {\"a:b\": \(Sample.hash)}\n",
            but: "such a user can never log in (RFC 7617)"),
        Case(
            "basic_auth_users: {a: \(Sample.hash.replacing("$2y$", with: "$2x$"))}\n",
            but: "$2x$ marks hashes of an implementation that was broken"),
        Case(
            "basic_auth_users: {a: \(Sample.hash.replacing("$04$", with: "$31$"))}\n",
            but: "each password would take the processor for a day"),
        Case(
            headers + "X-XSS-Protection: \"1\\nX: y\"\n",
            but: "Go turns line breaks into spaces on the way out"),
        Case(
            headers + "X-XSS-Protection: " + String(repeating: "x", count: 9000) + "\n",
            but: "an answer's headers have 32 KiB, which its request shares"),
        Case("rate_limit: {interval: 1, burst: 1}\n"),
        Case("rate_limit: {interval: 1s}\n"),
    ]

    @Test(arguments: good.map { ($0, true) } + bad.map { ($0, false) })
    func bothAgree(_ sample: Case, _ isGood: Bool) throws {
        let directory = try Self.certificateDirectory()
        let path = directory.path + "/web.yml"
        try sample.text.write(toFile: path, atomically: true, encoding: .utf8)
        #expect(isUsable(path) == isGood)
        let promtool = try run("promtool", ["check", "web-config", path])
        let promtoolAccepts = promtool.status == .exited(0)
        let expected = sample.difference == nil ? isGood : !isGood
        #expect(promtoolAccepts == expected, "\(promtool.standardError)")
    }

    @Test func moreThanThirtyFilesAreAgreedOnOfEachKind() {
        #expect(Self.good.count { $0.difference == nil } >= 30)
        #expect(Self.bad.count { $0.difference == nil } >= 30)
    }

    private func isUsable(_ path: String) -> Bool {
        do throws(WebConfigurationError) {
            _ = try WatchedWebConfiguration(path: path) { _ in }
            return true
        } catch {
            return false
        }
    }

    /// With a certificate that is its own authority, and its key.
    private static func certificateDirectory() throws -> ScratchDirectory {
        let directory = try ScratchDirectory()
        let path = directory.path
        let made = try run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-subj", "/CN=test", "-keyout", path + "/key.pem", "-out", path + "/cert.pem",
            ])
        try #require(made.status == .exited(0), "\(made.standardError)")
        return directory
    }
}
