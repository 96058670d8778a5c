/// The body of a response, by which connections that are given the same one are known.
struct ResponseBody: Hashable {
    /// Where its bytes are.
    private let address: UInt
    let byteCount: Int

    init(_ bytes: [UInt8]) {
        address = unsafe bytes.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        byteCount = bytes.count
    }
}

/// The bodies that are being written: each counts once, however many connections are given it.
struct ResponseBodies {
    private(set) var byteCount = 0
    private var connectionCounts: [ResponseBody: Int] = [:]

    mutating func add(_ body: ResponseBody) {
        let count = connectionCounts[body, default: 0]
        if count == 0 { byteCount += body.byteCount }
        connectionCounts[body] = count + 1
    }

    mutating func remove(_ body: ResponseBody) {
        let count = connectionCounts[body, default: 0] - 1
        connectionCounts[body] = count > 0 ? count : nil
        if count == 0 { byteCount -= body.byteCount }
    }
}
