/// An endpoint on loopback to which SYNs get no answer: connecting to it stays in SYN_SENT, whoever
/// connects. Needs no right and no device.
///
/// It is a listener with a filter that drops every packet (see ``SocketScenario``), so its own row is
/// `rows`: listen.
package final class Blackhole {
    package let endpoint: Endpoint
    package let rows: TableRows
    private let listener: TCPSocket

    package init(_ family: SocketFamily) throws {
        listener = try TCPSocket(family)
        rows = TableRows(family, [.listen: 1])
        do {
            try listener.dropReceivedPackets()
            try listener.bind(to: Endpoint(family))
            try listener.listen()
            endpoint = try listener.endpoint()
        } catch {
            listener.close()
            throw error
        }
    }

    deinit { listener.close() }
}
