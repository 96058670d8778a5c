/// A program that an iterator over all descriptors (`task_file`) calls for each, to write records about some.
protocol IteratorProgram {
    /// The BTF type of the iterator's function.
    var function: UInt32 { get }
    var instructions: [UInt64] { get }

    /// - Parameter types: The contents of `/sys/kernel/btf/vmlinux`.
    init(_ types: [UInt8]) throws(KernelTypesError)
}

extension IteratorProgram {
    /// The iterator, whose function's type the kernel wants to know.
    static var iterator: String { "bpf_iter_task_file" }
}

/// `struct bpf_iter__task_file` and `struct bpf_iter_meta`, which have a fixed layout.
enum IteratorContext {
    static let meta = KernelField(offset: 0, byteCount: 8)
    static let task = KernelField(offset: 8, byteCount: 8)
    static let descriptor = KernelField(offset: 16, byteCount: 4)
    static let file = KernelField(offset: 24, byteCount: 8)
    static let stream = KernelField(offset: 0, byteCount: 8)
}

/// Functions of the kernel: `enum bpf_func_id` of linux/bpf.h.
enum IteratorHelper {
    static let readKernel: Int32 = 113
    static let writeToStream: Int32 = 127
    static let socketFromFile: Int32 = 162
}

/// The type of TCP's sockets: `SOCK_STREAM` of linux/net.h.
let streamType: Int32 = 1

extension Assembler {
    /// Writes a record that is on the stack to the iteration's stream. `r6` has the iterator's context.
    mutating func writeRecord(at place: Int16, byteCount: Int) {
        load(.r1, from: .r6, IteratorContext.meta)
        load(.r1, from: .r1, IteratorContext.stream)
        move(.r2, .frame)
        add(.r2, Int32(place))
        move(.r3, Int32(byteCount))
        call(IteratorHelper.writeToStream)
    }

    /// Copies memory that may be gone to the stack. Jumps if it is.
    mutating func read(
        to place: Int16, from base: Register, _ offset: Int16, byteCount: Int
    ) -> Jump {
        move(.r3, base)
        add(.r3, Int32(offset))
        move(.r2, Int32(byteCount))
        move(.r1, .frame)
        add(.r1, Int32(place))
        call(IteratorHelper.readKernel)
        return jump(if: .r0, isNot: 0)
    }
}
