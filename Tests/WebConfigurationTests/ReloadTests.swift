import Configuration
import Linux
import Synchronization
import Testing

@testable import WebConfiguration

/// A file that changes under a running server; the files and the time are the test's.
struct ReloadTests {
    private let stage = Stage()
    private let users = "basic_auth_users: {alice: \(Sample.hash)}"
    private let tls = "tls_server_config: {cert_file: /c, key_file: /k}"

    @Test func aChangeIsInForceWithinASecond() throws {
        stage.write("/web.yml", "")
        let watched = try stage.watch()
        stage.write("/web.yml", users)
        #expect(watched.refresh().configuration.users.isEmpty)
        stage.pass(seconds: 1)
        let current = watched.refresh()
        #expect(current.configuration.users.hashes.count == 1)
        #expect(stage.events == [.adopted([])])
        #expect(watched.status == WebReloadStatus(isSuccessful: true, successSeconds: 1001))
    }

    @Test func theFilesAreLookedAtOnceASecondAtMost() throws {
        stage.write("/web.yml", "")
        let watched = try stage.watch()
        let before = stage.lookCount
        for _ in 0..<100 { watched.refresh() }
        #expect(stage.lookCount == before)
        stage.pass(seconds: 1)
        for _ in 0..<100 { watched.refresh() }
        #expect(stage.lookCount == before + 1)
    }

    @Test func aBrokenFileKeepsTheOldSettingsAndSaysSoOnce() throws {
        stage.write("/web.yml", users)
        let watched = try stage.watch()
        stage.write("/web.yml", "basic_auth_users: {alice: nonsense}")
        for _ in 0..<5 {
            stage.pass(seconds: 1)
            #expect(watched.refresh().configuration.users.hashes.count == 1)
        }
        #expect(stage.rejections == ["basic_auth_users.'alice'"])
        #expect(watched.status == WebReloadStatus(isSuccessful: false, successSeconds: 1000))
        stage.write("/web.yml", "nonsense: 1")
        stage.pass(seconds: 1)
        watched.refresh()
        #expect(stage.rejections == ["basic_auth_users.'alice'", ""])
        stage.write("/web.yml", users)
        stage.pass(seconds: 1)
        #expect(watched.refresh().configuration.users.hashes.count == 1)
        #expect(stage.events.last == .adopted([]))
        #expect(watched.status == WebReloadStatus(isSuccessful: true, successSeconds: 1007))
    }

    @Test func aFileThatGoesKeepsTheOldSettingsToo() throws {
        stage.write("/web.yml", users)
        let watched = try stage.watch()
        stage.remove("/web.yml")
        for _ in 0..<3 {
            stage.pass(seconds: 1)
            #expect(!watched.refresh().configuration.users.isEmpty)
        }
        #expect(stage.rejections == [""])
        stage.write("/web.yml", "")
        stage.pass(seconds: 1)
        #expect(watched.refresh().configuration.users.isEmpty)
    }

    @Test func aFileThatWasOnlyTouchedIsNoNews() throws {
        stage.write("/web.yml", users)
        let watched = try stage.watch()
        stage.write("/web.yml", users)
        stage.pass(seconds: 1)
        #expect(watched.refresh().configuration.users.hashes.count == 1)
        #expect(stage.events == [])
    }

    /// As SIGHUP asks for.
    @Test func aReloadReadsAtOnceAndAlwaysHasAResult() throws {
        stage.write("/web.yml", "")
        let watched = try stage.watch()
        watched.reload()
        #expect(stage.events == [.adopted([])])
        stage.write("/web.yml", users)
        watched.reload()
        #expect(!watched.current.configuration.users.isEmpty)
        stage.write("/web.yml", "nonsense: 1")
        watched.reload()
        #expect(stage.rejections.count == 1)
        watched.reload()
        #expect(stage.rejections.count == 2)
        #expect(!watched.current.configuration.users.isEmpty)
    }

    @Test func tlsIsNotSwitchedWhileRunning() throws {
        stage.write("/c", "one")
        stage.write("/k", "key")
        for (before, after) in [(tls, users), ("", tls)] {
            stage.write("/web.yml", before)
            let watched = try stage.watch()
            stage.write("/web.yml", after)
            stage.pass(seconds: 1)
            let current = watched.refresh()
            #expect((current.configuration.tls == nil) == before.isEmpty)
            #expect(current.configuration.users.isEmpty)
            #expect(stage.rejections.last == "tls_server_config")
        }
    }

    @Test func newCertificatesAreOfferedBeforeTheyAreInForce() throws {
        stage.write("/c", "one")
        stage.write("/k", "key")
        stage.write("/web.yml", tls)
        let watched = try stage.watch()
        let offered = Mutex<[String]>([])
        watched.whenTLSChanges { _, material throws(WebConfigurationError) in
            let text = String(decoding: material.certificate, as: UTF8.self)
            offered.withLock { $0.append(text) }
            if text == "rotten" { throw WebConfigurationError(path: "x", problem: "rotten") }
        }
        for text in ["two", "rotten", "three"] {
            stage.write("/c", text)
            for _ in 0..<3 {
                stage.pass(seconds: 1)
                watched.refresh()
            }
            let expected = text == "rotten" ? "two" : text
            #expect(watched.current.material?.certificate == Array(expected.utf8))
            #expect(watched.status.isSuccessful == (text != "rotten"))
        }
        #expect(offered.withLock { $0 } == ["two", "rotten", "three"])
        stage.remove("/k")
        stage.pass(seconds: 1)
        watched.refresh()
        #expect(stage.rejections.last == "tls_server_config.key_file")
        #expect(watched.current.material?.key == Array("key".utf8))
    }

    /// Names and values that are equal as strings, and other bytes.
    @Test func aChangeOfBytesIsAChange() throws {
        let texts = ["K", "\u{212a}"].map { name in
            """
            tls_server_config: {cert_file: /c, key_file: /k, client_auth_type: RequireAnyClientCert,
              client_allowed_sans: [\(name)]}
            http_server_config: {headers: {X-XSS-Protection: \(name)}}
            """
        }
        for path in ["/c", "/k"] { stage.write(path, path) }
        stage.write("/web.yml", texts[0])
        let watched = try stage.watch()
        stage.write("/web.yml", texts[1])
        stage.pass(seconds: 1)
        let current = watched.refresh().configuration
        #expect(current.tls?.allowedClientSANs == [Array("\u{212a}".utf8)])
        #expect(current.headers.map { Array($0.value.utf8) } == [Array("\u{212a}".utf8)])
    }

    /// What is written after it was looked at and before it was read is at worst read twice.
    @Test func aFileThatChangesWhileItIsReadIsReadAgain() throws {
        stage.write("/web.yml", "")
        let watched = try stage.watch()
        stage.write("/web.yml", "")
        stage.afterNextRead("/web.yml", becomes: users)
        stage.pass(seconds: 1)
        #expect(watched.refresh().configuration.users.isEmpty)
        stage.pass(seconds: 1)
        #expect(!watched.refresh().configuration.users.isEmpty)
    }
}

/// Files in memory, and a clock that stands still.
private final class Stage: Sendable {
    private struct State {
        var contents: [String: (text: String, version: Int)] = [:]
        var pending: [String: String] = [:]
        var version = 0
        var lookCount = 0
        var nowSeconds = 0.0
        var events: [WebConfigurationEvent] = []
    }

    private let state = Mutex(State())

    var lookCount: Int { state.withLock { $0.lookCount } }
    var events: [WebConfigurationEvent] { state.withLock { $0.events } }
    /// The keys of what was rejected, blank for none.
    var rejections: [String] {
        events.compactMap { event in
            if case .rejected(let error) = event { error.key ?? "" } else { nil }
        }
    }

    func write(_ path: String, _ text: String) {
        state.withLock {
            $0.version += 1
            $0.contents[path] = (text, $0.version)
        }
    }

    func remove(_ path: String) { state.withLock { _ = $0.contents.removeValue(forKey: path) } }

    func afterNextRead(_ path: String, becomes text: String) {
        state.withLock { $0.pending[path] = text }
    }

    func pass(seconds: Double) { state.withLock { $0.nowSeconds += seconds } }

    func watch() throws -> WatchedWebConfiguration {
        try WatchedWebConfiguration(path: "/web.yml", files: files, clock: clock) { [self] event in
            state.withLock { $0.events.append(event) }
        }
    }

    private var clock: WebConfigurationClock {
        WebConfigurationClock(
            monotonic: { [self] in
                MonotonicTime(nanoseconds: 0) + .seconds(state.withLock { $0.nowSeconds })
            },
            wallSeconds: { [self] in state.withLock { $0.nowSeconds + 1000 } })
    }

    private var files: ConfigurationFiles {
        ConfigurationFiles(
            identify: { [self] path in
                state.withLock { state in
                    state.lookCount += 1
                    return state.contents[path].map {
                        FileIdentity(inode: 1, byteCount: 1, modified: [$0.version])
                    }
                }
            },
            read: { [self] path throws(FileRefusal) in
                guard let text = state.withLock({ $0.contents[path]?.text }) else {
                    throw FileRefusal("No such file or directory")
                }
                if let next = state.withLock({ $0.pending.removeValue(forKey: path) }) {
                    write(path, next)
                }
                return Array(text.utf8)
            })
    }
}
