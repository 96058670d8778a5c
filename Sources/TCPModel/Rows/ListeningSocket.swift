/// A listener, as a dump of listeners alone describes it.
package struct ListeningSocket: Equatable, Sendable {
    package var local: TCPEndpoint
    package var family: AddressFamily
    /// The interface that it is bound to, 0 for none.
    package var interfaceIndex: UInt32
    /// Identifies the socket for its whole life.
    package var cookie: UInt64
    /// How many packets it has dropped in its life, modulo 2³² (`SK_MEMINFO_DROPS`): those of connection
    /// attempts while a queue was full, but also repeated ones, those that `TCP_DEFER_ACCEPT` waits
    /// behind, and filtered ones. Nil when the kernel did not say.
    package var droppedCount: UInt32?

    package init(_ row: TCPConnection, droppedCount: UInt32?) {
        local = row.local
        family = row.family
        interfaceIndex = row.interfaceIndex
        cookie = row.cookie
        self.droppedCount = droppedCount
    }
}
