package import Configuration
import Linux
import Synchronization

/// The web configuration of a running server: read at the start, and again when its file, or one that
/// it names, has changed. A configuration that cannot be used changes nothing.
package final class WatchedWebConfiguration: Sendable {
    /// What is in force.
    package struct Current: Sendable {
        package let configuration: WebConfiguration
        /// Nil without TLS.
        package let material: TLSMaterial?
    }

    /// Between two checks of the files.
    private static let checkInterval = Duration.seconds(1)

    private struct State {
        var current: Current
        var status: WebReloadStatus
        /// Of each file at the last reading, whether it could be used or not.
        var identities: [String: FileIdentity?]
        var nextCheck: MonotonicTime
        /// Adopts new certificates, or throws why not.
        var adoptTLS:
            (@Sendable (TLSConfiguration, TLSMaterial) throws(WebConfigurationError) -> Void)?
    }

    /// The configuration's own, as it was named.
    package let path: String
    private let files: ConfigurationFiles
    private let clock: WebConfigurationClock
    private let log: @Sendable (WebConfigurationEvent) -> Void
    private let state: Mutex<State>

    /// Reads the configuration for the first time.
    ///
    /// - Parameter log: Called once for each later reading, on the thread that calls `refresh` or `reload`.
    package init(
        path: String, files: ConfigurationFiles = .real, clock: WebConfigurationClock = .real,
        log: @escaping @Sendable (WebConfigurationEvent) -> Void
    ) throws(WebConfigurationError) {
        self.path = path
        self.files = files
        self.clock = clock
        self.log = log
        let reading = WebConfigurationReading(path, files)
        let (configuration, material) = try reading.outcome.get()
        state = Mutex(
            State(
                current: Current(configuration: configuration, material: material),
                status: WebReloadStatus(
                    isSuccessful: true, successSeconds: clock.wallSeconds()),
                identities: reading.identities,
                nextCheck: clock.monotonic() + Self.checkInterval))
    }

    /// What is in force, as of the last check.
    package var current: Current { state.withLock { $0.current } }

    /// The result of the last reading.
    package var status: WebReloadStatus { state.withLock { $0.status } }

    /// Has new certificates, or a new TLS section, offered to `adopt` before they are in force; if it
    /// throws, the old settings stay, all of them. It is called on the thread that calls `refresh` or
    /// `reload`, which others wait for.
    package func whenTLSChanges(
        _ adopt:
            @escaping @Sendable (TLSConfiguration, TLSMaterial) throws(WebConfigurationError)
            -> Void
    ) {
        state.withLock { $0.adoptTLS = adopt }
    }

    /// Checks the files, at most once a second, and reads them if they have changed; returns what is in
    /// force. Any thread may call, and as often as it likes: on a request,
    /// and before a connection's handshake.
    @discardableResult
    package func refresh() -> Current {
        let (current, event) = state.withLock { state in
            let event = check(&state)
            return (state.current, event)
        }
        if let event { log(event) }
        return current
    }

    /// Reads the files now, whether they have changed or not, and logs the result. Any thread may call.
    package func reload() {
        log(state.withLock { read(&$0) ?? .adopted($0.current.configuration.remarks) })
    }

    private func check(_ state: inout State) -> WebConfigurationEvent? {
        let now = clock.monotonic()
        guard now >= state.nextCheck else { return nil }
        state.nextCheck = now + Self.checkInterval
        let identities = state.identities
        guard identities.contains(where: { files.identify($0.key) != $0.value }) else { return nil }
        return read(&state)
    }

    private func read(_ state: inout State) -> WebConfigurationEvent? {
        let reading = WebConfigurationReading(path, files)
        state.identities = reading.identities
        do throws(WebConfigurationError) {
            return try adopt(reading, &state)
        } catch {
            state.status.isSuccessful = false
            return .rejected(error)
        }
    }

    private func adopt(
        _ reading: WebConfigurationReading, _ state: inout State
    ) throws(WebConfigurationError) -> WebConfigurationEvent? {
        let (configuration, material) = try reading.outcome.get()
        let old = state.current
        guard (configuration.tls == nil) == (old.configuration.tls == nil) else {
            throw WebConfigurationError(
                path: path, key: "tls_server_config",
                problem: "TLS cannot be switched on or off while running; restart for that")
        }
        let isTLSNew = configuration.tls != old.configuration.tls || material != old.material
        if isTLSNew, let tls = configuration.tls, let material {
            try state.adoptTLS?(tls, material)
        }
        let wasSuccessful = state.status.isSuccessful
        state.status = WebReloadStatus(
            isSuccessful: true, successSeconds: clock.wallSeconds())
        guard isTLSNew || configuration != old.configuration else {
            return wasSuccessful ? nil : .adopted([])
        }
        state.current = Current(configuration: configuration, material: material)
        return .adopted(configuration.remarks)
    }
}

/// The result of reading a changed file.
package enum WebConfigurationEvent: Sendable, Equatable {
    /// The new settings are in force, with these remarks.
    case adopted([String])
    /// The old ones stay.
    case rejected(WebConfigurationError)
}

/// For metrics: the result of the last reading.
package struct WebReloadStatus: Sendable, Equatable {
    /// Whether the file's contents are in force.
    package var isSuccessful: Bool
    /// When it was last read with success, in seconds since 1970.
    package let successSeconds: Double

    package init(isSuccessful: Bool, successSeconds: Double) {
        self.isSuccessful = isSuccessful
        self.successSeconds = successSeconds
    }
}
