/// A process's place in `ProcessCache`.
struct ProcessSlot: Hashable {
    let rawValue: UInt32

    /// No visible process holds the socket.
    static let nobody = ProcessSlot(rawValue: 0)

    var index: Int { Int(rawValue) }
}
