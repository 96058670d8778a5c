import Linux
import TCPModel

/// Kernel TLS on the sockets of one network namespace that processes hold, as one iteration told.
struct KernelTLSSweep {
    /// More sockets than a host of a million connections has.
    static let socketsMax = 1 << 22

    private(set) var sockets: [SocketInode: KernelTLS] = [:]

    /// Reads to the end.
    ///
    /// - Parameters:
    ///   - iterator: Iterates over the descriptors of all processes.
    ///   - namespace: The inode of the network namespace.
    ///   - deadline: When to give up; nil is never.
    init(
        _ iterator: any DescriptorIterating, in namespace: UInt64, until deadline: MonotonicTime?,
        socketsMax: Int = socketsMax
    ) throws(IterationError) {
        try iterator.readAll(KernelTLSRecord.byteCount, until: deadline) {
            chunk, start throws(IterationError) in
            let record = KernelTLSRecord(chunk, at: start)
            guard UInt64(record.namespace) == namespace else { return }
            guard let inode = UInt32(exactly: record.inode), let tls = KernelTLS(record) else {
                throw .malformed
            }
            sockets[SocketInode(rawValue: inode)] = tls
            guard sockets.count <= socketsMax else { throw .tooMany(socketsMax) }
        }
    }
}

extension KernelTLS {
    /// Nil where the record has what no kernel writes.
    init?(_ record: KernelTLSRecord) {
        guard let transmit = Mode(record.transmit), let receive = Mode(record.receive),
            record.device <= 1
        else { return nil }
        self.init(
            version: Version(rawValue: record.version), cipher: Cipher(rawValue: record.cipher),
            transmit: transmit, receive: receive)
        isHandedBack = (transmit.isOnDevice || receive.isOnDevice) && record.device == 0
    }
}

extension KernelTLS.Mode {
    /// Nil for what `TLS_NUM_CONFIG` of net/tls.h is not above.
    fileprivate init?(_ configuration: UInt8) {
        guard configuration < 4 else { return nil }
        self.init(rawValue: configuration + 1)
    }
}

extension KernelTLSRecord {
    /// - Parameter start: Thirty-two bytes are there.
    init(_ bytes: [UInt8], at start: Int) {
        self = unsafe bytes.withUnsafeBytes { bytes in
            func read<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int16) -> Value {
                unsafe bytes.loadUnaligned(
                    fromByteOffset: start + Int(offset), as: Value.self)
            }
            return KernelTLSRecord(
                inode: read(Self.inode), namespace: read(Self.namespace),
                version: read(Self.version), cipher: read(Self.cipher), device: read(Self.device),
                transmit: read(Self.transmit),
                receive: read(Self.receive))
        }
    }
}
