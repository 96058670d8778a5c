/// Configures TLS: it is given GnuTLS' session of each new connection before the handshake begins.
///
/// So settings can be replaced while the server runs: connections keep those that they began with.
package protocol ConnectionSecurity: Sendable {
    /// Sets up a session (`gnutls_session_t`). Called on a worker thread, with one session at a time.
    ///
    /// - Returns: An object that the settings need; it is kept until the session is gone.
    func secure(_ session: OpaquePointer) -> AnyObject
}
