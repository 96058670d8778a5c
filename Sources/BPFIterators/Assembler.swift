/// Assembles a BPF program (`Documentation/bpf/standardization/instruction-set.rst` of Linux).
struct Assembler {
    enum Register: UInt64 {
        case r0, r1, r2, r3, r6 = 6, r7, r8, r9, frame
    }

    /// A jump forward, which `land` gives its target.
    struct Jump {
        fileprivate let place: Int
    }

    /// Eight bytes each.
    private(set) var instructions: [UInt64] = []

    mutating func move(_ destination: Register, _ source: Register) {
        append(0xBF, destination, source)
    }

    mutating func move(_ destination: Register, _ value: Int32) {
        append(0xB7, destination, value: value)
    }

    mutating func add(_ destination: Register, _ value: Int32) {
        append(0x07, destination, value: value)
    }

    mutating func and(_ destination: Register, _ value: Int32) {
        append(0x57, destination, value: value)
    }

    mutating func shiftRight(_ destination: Register, _ bits: Int32) {
        append(0x77, destination, value: bits)
    }

    /// Loads a field of one, two, four or eight bytes; the rest of the register is zero.
    mutating func load(_ destination: Register, from source: Register, _ field: KernelField) {
        append(0x61 | Self.width(field.byteCount), destination, source, offset: field.offset)
    }

    mutating func store(_ source: Register, to destination: Register, _ field: KernelField) {
        append(0x63 | Self.width(field.byteCount), destination, source, offset: field.offset)
    }

    /// Calls one of the kernel's helper functions; its result is in `r0`.
    mutating func call(_ helper: Int32) { append(0x85, value: helper) }

    mutating func exit() { append(0x95) }

    mutating func jump() -> Jump { jump(0x05, .r0, 0) }

    mutating func jump(if register: Register, equals value: Int32) -> Jump {
        jump(0x15, register, value)
    }

    mutating func jump(if register: Register, isNot value: Int32) -> Jump {
        jump(0x55, register, value)
    }

    /// Makes the next instruction the target of jumps.
    mutating func land(_ jumps: Jump...) { land(jumps) }

    mutating func land(_ jumps: [Jump]) {
        for jump in jumps {
            let distance = Int16(instructions.count - jump.place - 1)
            instructions[jump.place] |= UInt64(UInt16(bitPattern: distance)) << 16
        }
    }

    private mutating func jump(_ operation: UInt8, _ register: Register, _ value: Int32) -> Jump {
        append(operation, register, value: value)
        return Jump(place: instructions.count - 1)
    }

    private static func width(_ byteCount: Int) -> UInt8 {
        switch byteCount {
        case 1: 0x10
        case 2: 0x08
        case 4: 0x00
        default: 0x18
        }
    }

    private mutating func append(
        _ operation: UInt8, _ destination: Register = .r0, _ source: Register = .r0,
        offset: Int16 = 0, value: Int32 = 0
    ) {
        instructions.append(
            UInt64(operation) | destination.number << 8 | source.number << 12
                | UInt64(UInt16(bitPattern: offset)) << 16
                | UInt64(UInt32(bitPattern: value)) << 32)
    }
}

extension Assembler.Register {
    fileprivate var number: UInt64 { self == .frame ? 10 : rawValue }
}

/// Where a field is, and how large.
struct KernelField: Equatable {
    var offset: Int16
    /// 1, 2, 4 or 8.
    var byteCount: Int
}

/// Where a field is that is smaller than a byte.
struct KernelBits: Equatable {
    /// Of the byte that it is in.
    var offset: Int16
    /// How many bits of the byte are below it.
    var shift: Int32
    var mask: Int32
}
