/// A process's place in `OwnerProcesses`.
struct OwnerSlot: Hashable {
    let rawValue: UInt32

    /// No process that we can see holds the socket.
    static let nobody = OwnerSlot(rawValue: 0)

    var index: Int { Int(rawValue) }
}
