/// Tells of the TCP sockets that have kernel TLS.
///
/// It takes no lock. What it reads can change meanwhile, and is read again by the next iteration.
struct KernelTLSProgram: IteratorProgram {
    /// What the program reads of the kernel's structures.
    private static let structures = [
        "file", "inode", "socket", "sock", "sock_common", "net", "ns_common",
        "inet_connection_sock", "tcp_ulp_ops", "tls_context", "tls_prot_info",
    ]

    let function: UInt32
    let instructions: [UInt64]

    init(_ types: [UInt8]) throws(KernelTypesError) {
        let types = try KernelTypes(types, wanted: Self.structures + [Self.iterator])
        function = try types.function(Self.iterator)
        var code = Assembler()
        try Self.assemble(&code, types)
        instructions = code.instructions
    }

    private enum Number {
        /// `sk_protocol` of a TCP socket (`IPPROTO_TCP`); a raw socket can have it too.
        static let tcp: Int32 = 6
        /// `AF_INET` and `AF_INET6`.
        static let ipv4: Int32 = 2
        static let ipv6: Int32 = 10
        /// The name of the upper-layer protocol, `tls` and a zero.
        static let tlsName: Int32 = 0x0073_6C74
    }

    /// Places on the stack: the record, and room for one value.
    private enum Stack {
        static let record: Int16 = -40
        static let value = KernelField(offset: -8, byteCount: 8)
        static let name = KernelField(offset: -8, byteCount: 4)
        static let byte = KernelField(offset: -8, byteCount: 1)

        static func field(_ offset: Int16, _ byteCount: Int) -> KernelField {
            KernelField(offset: record + offset, byteCount: byteCount)
        }
    }

    private static func assemble(
        _ code: inout Assembler, _ types: KernelTypes
    ) throws(KernelTypesError) {
        var isOther = try findSocket(&code, types)
        try describeSocket(&code, types)
        var isUnread: [Assembler.Jump] = []
        try findContext(&code, types, &isOther, &isUnread)
        try readContext(&code, types, &isUnread)
        let isRead = code.jump()
        code.land(isUnread)
        code.move(.r1, Int32(KernelTLSRecord.unread))
        code.store(.r1, to: .frame, Stack.field(KernelTLSRecord.transmit, 1))
        code.land(isRead)
        code.writeRecord(at: Stack.record, byteCount: KernelTLSRecord.byteCount)
        code.land(isOther)
        code.move(.r0, 0)
        code.exit()
    }

    /// Leaves the socket in `r7`, and its inode in `r8`.
    ///
    /// - Returns: Jumps where it is no TCP socket.
    private static func findSocket(
        _ code: inout Assembler, _ types: KernelTypes
    ) throws(KernelTypesError) -> [Assembler.Jump] {
        code.move(.r6, .r1)
        code.load(.r1, from: .r6, IteratorContext.file)
        let noFile = code.jump(if: .r1, equals: 0)
        code.load(.r8, from: .r1, try types.field("f_inode", of: "file"))
        code.call(IteratorHelper.socketFromFile)
        let isNoSocket = code.jump(if: .r0, equals: 0)
        code.load(.r7, from: .r0, try types.field("sk", of: "socket"))
        let isClosed = code.jump(if: .r7, equals: 0)
        code.load(.r1, from: .r7, try types.field("sk_protocol", of: "sock"))
        let isOther = code.jump(if: .r1, isNot: Number.tcp)
        code.load(.r1, from: .r7, try types.field("sk_type", of: "sock"))
        let isRaw = code.jump(if: .r1, isNot: streamType)
        code.load(.r1, from: .r7, try types.common("skc_family"))
        let isIPv4 = code.jump(if: .r1, equals: Number.ipv4)
        let isNoIP = code.jump(if: .r1, isNot: Number.ipv6)
        code.land(isIPv4)
        return [noFile, isNoSocket, isClosed, isOther, isRaw, isNoIP]
    }

    /// Begins the record: the socket's inode and network namespace.
    private static func describeSocket(
        _ code: inout Assembler, _ types: KernelTypes
    ) throws(KernelTypesError) {
        code.move(.r1, 0)
        for offset in stride(from: 0, to: Int16(KernelTLSRecord.byteCount), by: 8) {
            code.store(.r1, to: .frame, Stack.field(offset, 8))
        }
        code.load(.r1, from: .r8, try types.field("i_ino", of: "inode"))
        code.store(.r1, to: .frame, Stack.field(KernelTLSRecord.inode, 8))
        let namespace = try types.offset(of: "skc_net", in: "sock_common")
        code.load(.r1, from: .r7, KernelField(offset: namespace, byteCount: 8))
        let common = try types.offset(of: "ns", in: "net")
        code.load(.r1, from: .r1, try types.field("inum", of: "ns_common", at: common))
        code.store(.r1, to: .frame, Stack.field(KernelTLSRecord.namespace, 4))
    }

    /// Leaves the context of kernel TLS in `r8`. Other upper-layer protocols have something else there.
    private static func findContext(
        _ code: inout Assembler, _ types: KernelTypes, _ isOther: inout [Assembler.Jump],
        _ isUnread: inout [Assembler.Jump]
    ) throws(KernelTypesError) {
        let connection = "inet_connection_sock"
        let operations = try types.offset(of: "icsk_ulp_ops", in: connection)
        isUnread.append(code.read(to: Stack.value.offset, from: .r7, operations, byteCount: 8))
        code.load(.r8, from: .frame, Stack.value)
        isOther.append(code.jump(if: .r8, equals: 0))
        let name = try types.offset(of: "name", in: "tcp_ulp_ops")
        isUnread.append(code.read(to: Stack.name.offset, from: .r8, name, byteCount: 4))
        code.load(.r1, from: .frame, Stack.name)
        isOther.append(code.jump(if: .r1, isNot: Number.tlsName))
        let context = try types.offset(of: "icsk_ulp_data", in: connection)
        isUnread.append(code.read(to: Stack.value.offset, from: .r7, context, byteCount: 8))
        code.load(.r8, from: .frame, Stack.value)
        isOther.append(code.jump(if: .r8, equals: 0))
    }

    private static func readContext(
        _ code: inout Assembler, _ types: KernelTypes, _ isUnread: inout [Assembler.Jump]
    ) throws(KernelTypesError) {
        let context = "tls_context"
        let session = try types.offset(of: "prot_info", in: context)
        let fields = [
            (
                KernelTLSRecord.version, 2,
                try types.field("version", of: "tls_prot_info", at: session)
            ),
            (
                KernelTLSRecord.cipher, 2,
                try types.field("cipher_type", of: "tls_prot_info", at: session)
            ),
            (KernelTLSRecord.device, 8, try types.field("netdev", of: context)),
        ]
        for (place, byteCount, field) in fields {
            guard field.byteCount == byteCount else { throw .unexpected(context) }
            isUnread.append(
                code.read(to: Stack.record + place, from: .r8, field.offset, byteCount: byteCount))
        }
        // That there is a device is told, not its address.
        let device = Stack.field(KernelTLSRecord.device, 8)
        code.load(.r1, from: .frame, device)
        let isWithoutDevice = code.jump(if: .r1, equals: 0)
        code.move(.r1, 1)
        code.store(.r1, to: .frame, device)
        code.land(isWithoutDevice)
        for (member, place) in [
            ("rx_conf", KernelTLSRecord.receive), ("tx_conf", KernelTLSRecord.transmit),
        ] {
            let bits = try types.bits(member, of: context)
            isUnread.append(
                code.read(to: Stack.byte.offset, from: .r8, bits.offset, byteCount: 1))
            code.load(.r1, from: .frame, Stack.byte)
            code.shiftRight(.r1, bits.shift)
            code.and(.r1, bits.mask)
            code.store(.r1, to: .frame, Stack.field(place, 1))
        }
    }
}

extension KernelTypes {
    /// A member of `sock_common`, which each `sock` begins with.
    fileprivate func common(_ member: String) throws(KernelTypesError) -> KernelField {
        let start = try offset(of: "__sk_common", in: "sock")
        return try field(member, of: "sock_common", at: start)
    }
}

/// What the program writes about a socket.
struct KernelTLSRecord: Equatable {
    static let byteCount = 32
    /// Where the fields begin, and how many bytes each has.
    static let inode: Int16 = 0  // 8
    static let namespace: Int16 = 8  // 4
    static let version: Int16 = 12  // 2
    static let cipher: Int16 = 14  // 2
    static let device: Int16 = 16  // 8
    static let transmit: Int16 = 24  // 1
    static let receive: Int16 = 25  // 1

    /// The sending direction of a socket whose memory could not be read.
    static let unread: UInt8 = 0xFF

    var inode: UInt64
    /// The inode of its network namespace.
    var namespace: UInt32
    var version: UInt16
    var cipher: UInt16
    /// 1 where a device works on it. When one goes down, the kernel takes it from all its connections and
    /// leaves their configurations as they are (`tls_device_down` in net/tls/tls_device.c).
    var device: UInt64
    /// `TLS_BASE`, `TLS_SW`, `TLS_HW` and `TLS_HW_RECORD` of net/tls.h, of each direction.
    var transmit: UInt8
    var receive: UInt8
}
