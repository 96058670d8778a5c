/// What makes connections secure: it is shown GnuTLS' session of each new one before the handshake
/// begins, and sets there what that connection is to be held to.
///
/// Settings can so be replaced while the server runs: connections keep those that they began with.
package protocol ConnectionSecurity: Sendable {
    /// Sets up a session (`gnutls_session_t`). Called on a worker thread, with one session at a time.
    ///
    /// - Returns: What the settings stand on; it is kept until the session is gone.
    func secure(_ session: OpaquePointer) -> AnyObject
}
