import Foundation
import TestSupport

/// Certificates and keys in a directory, made by openssl.
struct Certificates {
    private let directory: TemporaryDirectory

    private init() throws { directory = try TemporaryDirectory() }

    var path: String { directory.path }

    /// `NAME.pem` and `NAME.key`: an authority.
    func makeAuthority(_ name: String) throws {
        try openssl(
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
                + ["-keyout", "\(name).key", "-out", "\(name).pem", "-days", "2"]
                + ["-subj", "/CN=\(name)", "-addext", "basicConstraints=critical,CA:TRUE"])
    }

    /// `NAME.pem` and `NAME.key`, issued by an authority, or by an issuer below it.
    func issue(
        _ name: String, by authority: String = "ca", key: [String] = Self.ellipticKey,
        days: Int = 2, extensions: String = ""
    ) throws {
        try openssl(
            ["req", "-nodes", "-keyout", "\(name).key", "-out", "\(name).csr"]
                + ["-subj", "/CN=\(name)", "-newkey"] + key)
        try Data(extensions.utf8).write(to: URL(filePath: "\(path)/\(name).ext"))
        try openssl(
            ["x509", "-req", "-in", "\(name).csr", "-out", "\(name).pem", "-days", "\(days)"]
                + ["-CA", "\(authority).pem", "-CAkey", "\(authority).key", "-CAcreateserial"]
                + ["-extfile", "\(name).ext"])
    }

    static let ellipticKey = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    static let server = "subjectAltName=DNS:localhost,IP:127.0.0.1\n"
    static let client =
        "extendedKeyUsage=clientAuth\n"
        + "subjectAltName=DNS:client.example,IP:192.0.2.1,email:a@client.example,URI:urn:x:client,"
        + "URI:urn:x:K\n"

    /// Replaces a file by another, as certificate renewal does.
    func put(_ source: String, inPlaceOf target: String) throws {
        let files = FileManager.default
        try files.copyItem(atPath: "\(path)/\(source)", toPath: "\(path)/\(target).new")
        guard unsafe rename("\(path)/\(target).new", "\(path)/\(target)") == 0 else {
            throw Silence(what: "cannot rename \(target)")
        }
    }

    @discardableResult
    func openssl(_ arguments: [String]) throws -> String {
        let script = "cd \"$0\" && exec openssl \"$@\""
        let result = try run("sh", ["-c", script, path] + arguments)
        guard result.status == .exited(0) else {
            throw Silence(
                what: "openssl \(arguments.joined(separator: " ")): \(result.standardError)")
        }
        return result.standardOutput
    }

    /// Writes the web configuration and gives its path.
    @discardableResult
    func configure(_ lines: [String], server: String = "server") throws -> String {
        let section = ["cert_file: \(server).pem", "key_file: \(server).key"] + lines
        let text = "tls_server_config:\n" + section.map { "  \($0)\n" }.joined()
        let file = "\(path)/web.yml"
        try Data(text.utf8).write(to: URL(filePath: file))
        return file
    }

    /// An authority, a server and clients of every kind.
    static func make() throws -> Certificates {
        let certificates = try Certificates()
        try certificates.makeAuthority("ca")
        try certificates.makeAuthority("foreign")
        try certificates.issue("server", extensions: server)
        try certificates.issue("good", extensions: client)
        try certificates.issue("stranger", by: "foreign", extensions: client)
        try certificates.issue("expired", days: -1, extensions: client)
        try certificates.issue("misused", extensions: "extendedKeyUsage=serverAuth\n")
        return certificates
    }
}
