/// A way to read the listeners of the calling thread's network namespace, without the rest of the table.
package protocol ListenerSource: SendableMetatype {
    /// All listeners, with what each has dropped.
    mutating func listeners() throws(ConnectionSourceError) -> [ListeningSocket]
}
