import Glibc

/// Tells of the descriptors of TCP sockets, and of those that can be io_uring instances.
///
/// It asks the socket for its kind and not the `sock` behind it, which is elsewhere in memory: that would cost as
/// much as the rest. So it also tells of sockets of other protocols that are streams over IP, which are in no
/// TCP table.
struct HolderProgram: IteratorProgram {
    /// What the program reads of the kernel's structures.
    private static let structures = [
        "file", "inode", "super_block", "socket", "proto_ops", "task_struct",
    ]

    let function: UInt32
    let instructions: [UInt64]

    init(_ types: [UInt8]) throws(KernelTypesError) {
        let types = try KernelTypes(types, wanted: Self.structures + [Self.iterator])
        function = try types.function(Self.iterator)
        instructions = try Self.assemble(types)
    }

    private enum Number {
        /// `ANON_INODE_FS_MAGIC` of linux/magic.h: io_uring, epoll and others.
        static let anonymousInodes: Int32 = 0x0904_1934
    }

    private static func assemble(_ types: KernelTypes) throws(KernelTypesError) -> [UInt64] {
        let record = HolderRecord.self
        let bottom = Int16(-record.byteCount)
        var code = Assembler()
        code.move(.r6, .r1)
        code.load(.r7, from: .r6, IteratorContext.file)
        let noFile = code.jump(if: .r7, equals: 0)
        code.load(.r8, from: .r6, IteratorContext.task)
        let noTask = code.jump(if: .r8, equals: 0)
        code.load(.r9, from: .r7, try types.field("f_inode", of: "file"))
        code.move(.r1, .r7)
        code.call(IteratorHelper.socketFromFile)
        let isNoSocket = code.jump(if: .r0, equals: 0)

        code.load(.r1, from: .r0, try types.field("type", of: "socket"))
        let isNoStream = code.jump(if: .r1, isNot: streamType)
        code.load(.r1, from: .r0, try types.field("ops", of: "socket"))
        code.load(.r1, from: .r1, try types.field("family", of: "proto_ops"))
        let isIPv4 = code.jump(if: .r1, equals: Int32(AF_INET))
        let isOther = code.jump(if: .r1, isNot: Int32(AF_INET6))
        code.land(isIPv4)
        code.load(.r1, from: .r9, try types.field("i_ino", of: "inode"))
        let hasInode = code.jump()

        code.land(isNoSocket)
        code.load(.r1, from: .r9, try types.field("i_sb", of: "inode"))
        code.load(.r1, from: .r1, try types.field("s_magic", of: "super_block"))
        let isFile = code.jump(if: .r1, isNot: Number.anonymousInodes)
        code.move(.r1, 0)

        code.land(hasInode)
        code.store(.r1, to: .frame, KernelField(offset: bottom + record.inode, byteCount: 8))
        code.load(.r1, from: .r8, try types.field("tgid", of: "task_struct"))
        code.store(.r1, to: .frame, KernelField(offset: bottom + record.process, byteCount: 4))
        code.load(.r1, from: .r6, IteratorContext.descriptor)
        code.store(.r1, to: .frame, KernelField(offset: bottom + record.descriptor, byteCount: 4))
        code.writeRecord(at: bottom, byteCount: record.byteCount)

        code.land(noFile, noTask, isNoStream, isOther, isFile)
        code.move(.r0, 0)
        code.exit()
        return code.instructions
    }
}

/// What the program writes about a descriptor.
struct HolderRecord: Equatable {
    static let byteCount = 16
    /// Where the fields begin: eight bytes, four and four.
    static let inode: Int16 = 0
    static let process: Int16 = 8
    static let descriptor: Int16 = 12

    /// The socket's inode; 0 for a descriptor that is no socket.
    var inode: UInt64
    var process: UInt32
    var descriptor: UInt32
}
