import Configuration
import Foundation
import TestSupport
import Testing

@testable import WebConfiguration

/// Real files, which may be anything.
struct FileTests {
    private let directory = try? ScratchDirectory()

    private func path(_ name: String) throws -> String {
        try #require(directory).path + "/" + name
    }

    private func refusal(_ path: String) -> String? {
        do throws(WebConfigurationError) {
            _ = try WatchedWebConfiguration(path: path) { _ in }
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func onlyARegularFileOfModestLengthIsRead() throws {
        let missing = try path("missing")
        #expect(refusal(missing)?.contains("\(missing): No such file") == true)
        #expect(refusal(try path("."))?.contains("no regular file") == true)
        #expect(refusal("/dev/zero")?.contains("no regular file") == true)
        let pipe = try path("pipe")
        let isMade = unsafe mkfifo(pipe, 0o600) == 0
        #expect(isMade)
        #expect(refusal(pipe)?.contains("no regular file") == true)
        let large = try path("large")
        let byteCountMax = ConfigurationFiles.byteCountMax
        try Data(repeating: 0x0a, count: byteCountMax + 1).write(to: URL(filePath: large))
        #expect(refusal(large)?.contains("more than 1048576 bytes") == true)
        try Data(repeating: 0x0a, count: byteCountMax).write(to: URL(filePath: large))
        #expect(refusal(large) == nil)
    }

    @Test func aFileThatAServiceMayNotSeeHasAHint() {
        #expect(refusal("/home/nobody/web.yml")?.hasSuffix("ProtectHome= cannot read it)") == true)
        #expect(refusal("/nonexistent/web.yml")?.contains("ProtectHome") == false)
    }

    @Test func whatTLSNamesIsReadFromTheFilesDirectory() throws {
        let text = "tls_server_config: {cert_file: c.pem, key_file: sub/k.pem}"
        let web = try path("web.yml")
        try Data(text.utf8).write(to: URL(filePath: web))
        let missing = try #require(refusal(web))
        #expect(
            missing.contains("tls_server_config.cert_file: cannot read \(try path("c.pem")): No"))
        try FileManager.default.createDirectory(
            atPath: try path("sub"), withIntermediateDirectories: false)
        try Data("certificate".utf8).write(to: URL(filePath: try path("c.pem")))
        try Data("key".utf8).write(to: URL(filePath: try path("sub/k.pem")))
        let watched = try WatchedWebConfiguration(path: web) { _ in }
        let expected = TLSMaterial(
            certificate: Array("certificate".utf8), key: Array("key".utf8), clientCA: nil)
        #expect(watched.current.material == expected)
    }

    @Test func aFileIsAnotherAfterEachChange() throws {
        let path = try path("file")
        let identify = ConfigurationFiles.real.identify
        #expect(identify(path) == nil)
        try Data("one".utf8).write(to: URL(filePath: path))
        let first = identify(path)
        #expect(first != nil && identify(path) == first)
        try Data("two".utf8).write(to: URL(filePath: path), options: .atomic)
        #expect(identify(path) != first)
    }
}

/// A directory that goes away with the object.
final class ScratchDirectory: Sendable {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory
            .appending(path: "webconfiguration-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
