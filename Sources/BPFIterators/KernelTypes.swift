/// The kernel's description of its own types (BTF, `Documentation/bpf/btf.rst`), as
/// `/sys/kernel/btf/vmlinux` gives it.
///
/// Whatever the bytes are, reading them ends: what they refer to must lie within them, and searches have a
/// limit.
struct KernelTypes {
    /// More anonymous members than any structure of the kernel has.
    private static let visitsMax = 10_000
    /// Deeper than they are nested.
    private static let depthMax = 16
    private static let headerByteCount = 24
    private static let memberByteCount = 12

    private enum Kind: UInt32 {
        case integer = 1, pointer, array, structure, union, enumeration, forward, typedef, volatile
        case const, restrict, function, prototype, variable, section, float, tag, typeTag,
            enumeration64

        /// How many bytes follow the three words of a type, per element and in all.
        var trailer: (perElement: Int, fixed: Int) {
            switch self {
            case .integer, .variable, .tag: (0, 4)
            case .array: (0, 12)
            case .structure, .union, .section, .enumeration64: (12, 0)
            case .enumeration, .prototype: (8, 0)
            default: (0, 0)
            }
        }
    }

    private struct Entry {
        var offset: Int
        var name: Int
        var info: UInt32
        /// A size or another type, by kind.
        var value: UInt32

        var kind: Kind? { Kind(rawValue: info >> 24 & 0x1F) }
        var elementCount: Int { Int(info & 0xFFFF) }
        var hasBitfields: Bool { info >> 31 != 0 }
    }

    private let bytes: [UInt8]
    private let names: Range<Int>
    /// Where the types begin; the first has number 1.
    private var places: [UInt32] = []
    /// By name: the structures and functions that were asked for.
    private var structures: [String: UInt32] = [:]
    private var functions: [String: UInt32] = [:]

    /// - Parameter wanted: The structures and functions that are asked for later.
    init(_ bytes: [UInt8], wanted: [String]) throws(KernelTypesError) {
        guard bytes.count >= Self.headerByteCount, Self.word(bytes, 0) & 0xFFFF == 0xEB9F else {
            throw .malformed
        }
        let header = Int(Self.word(bytes, 4))
        let types = (offset: Int(Self.word(bytes, 8)), count: Int(Self.word(bytes, 12)))
        let texts = (offset: Int(Self.word(bytes, 16)), count: Int(Self.word(bytes, 20)))
        let typesEnd = header + types.offset + types.count
        let namesStart = header + texts.offset
        guard header >= Self.headerByteCount, typesEnd <= bytes.count,
            namesStart + texts.count <= bytes.count
        else { throw .malformed }
        self.bytes = bytes
        names = namesStart..<namesStart + texts.count
        try index(header + types.offset..<typesEnd, wanted)
    }

    /// The number of a function's type.
    func function(_ name: String) throws(KernelTypesError) -> UInt32 {
        guard let number = functions[name] else { throw .missing(name) }
        return number
    }

    /// A member of a structure that is a number or a pointer, also one of an anonymous member.
    ///
    /// - Parameter start: Where the structure begins in another one.
    func field(
        _ member: String, of structure: String, at start: Int16 = 0
    ) throws(KernelTypesError) -> KernelField {
        let found = try find(member, of: structure)
        guard found.bitCount == 0, found.bitOffset % 8 == 0,
            let offset = Int16(exactly: Int(start) + found.bitOffset / 8),
            let byteCount = try byteCount(of: found.type), [1, 2, 4, 8].contains(byteCount)
        else { throw .unexpected("\(structure).\(member)") }
        return KernelField(offset: offset, byteCount: byteCount)
    }

    /// Where a member of a structure begins, whatever it is.
    func offset(of member: String, in structure: String) throws(KernelTypesError) -> Int16 {
        let found = try find(member, of: structure)
        guard found.bitCount == 0, found.bitOffset % 8 == 0,
            let offset = Int16(exactly: found.bitOffset / 8)
        else { throw .unexpected("\(structure).\(member)") }
        return offset
    }

    /// A bit field within one byte. Where bytes are counted from the other end it is not known which one it
    /// is.
    func bits(_ member: String, of structure: String) throws(KernelTypesError) -> KernelBits {
        let found = try find(member, of: structure)
        guard 1.littleEndian == 1, 1...7 ~= found.bitCount,
            found.bitOffset % 8 + found.bitCount <= 8,
            let offset = Int16(exactly: found.bitOffset / 8)
        else { throw .unexpected("\(structure).\(member)") }
        return KernelBits(
            offset: offset, shift: Int32(found.bitOffset % 8), mask: 1 << found.bitCount - 1)
    }
}

/// Why the description does not tell what was asked.
enum KernelTypesError: Error, Equatable, CustomStringConvertible {
    /// The bytes are no BTF, or contradict themselves.
    case malformed
    case missing(String)
    /// It is not of the kind that was asked for, or too far from the structure's start.
    case unexpected(String)

    var description: String {
        switch self {
        case .malformed: "it is not well-formed BTF"
        case .missing(let name): "it does not describe \(name)"
        case .unexpected(let name): "\(name) is not what it was in earlier kernels"
        }
    }
}

// MARK: - Reading

extension KernelTypes {
    /// The caller has checked that it is there.
    private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
        unsafe bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
    }

    private mutating func index(
        _ range: Range<Int>, _ wanted: [String]
    ) throws(KernelTypesError) {
        let wanted = wanted.map { (name: $0, bytes: Array($0.utf8)) }
        places.reserveCapacity(range.count / 32)
        var offset = range.lowerBound
        while offset < range.upperBound {
            guard offset + 12 <= range.upperBound else { throw .malformed }
            let entry = entry(at: offset)
            guard let kind = entry.kind else { throw .malformed }
            places.append(UInt32(offset))
            if kind == .structure || kind == .function,
                let name = wanted.first(where: { isName($0.bytes, at: entry.name) })?.name
            {
                // A second one of the same name is another program's.
                let number = UInt32(places.count)
                if kind == .function {
                    functions[name] = functions[name] ?? number
                } else {
                    structures[name] = structures[name] ?? number
                }
            }
            let trailer = kind.trailer
            offset += 12 + trailer.fixed + trailer.perElement * entry.elementCount
        }
        guard offset == range.upperBound else { throw .malformed }
    }

    private func entry(at offset: Int) -> Entry {
        Entry(
            offset: offset, name: Int(Self.word(bytes, offset)),
            info: Self.word(bytes, offset + 4), value: Self.word(bytes, offset + 8))
    }

    /// Nil for `void`, which has number 0.
    private func entry(_ number: UInt32) throws(KernelTypesError) -> Entry? {
        guard number > 0 else { return nil }
        guard number <= places.count else { throw .malformed }
        return entry(at: Int(places[Int(number) - 1]))
    }

    /// Whether these bytes and a zero are at an offset of the names.
    private func isName(_ name: [UInt8], at offset: Int) -> Bool {
        let start = names.lowerBound + offset
        guard start + name.count < names.upperBound, bytes[start + name.count] == 0 else {
            return false
        }
        return name.indices.allSatisfy { bytes[start + $0] == name[$0] }
    }
}

// MARK: - Members

extension KernelTypes {
    private struct Member {
        var type: UInt32
        var bitOffset: Int
        /// 0 where it is no bit field.
        var bitCount: Int
    }

    private func find(
        _ member: String, of structure: String
    ) throws(KernelTypesError) -> Member {
        guard let number = structures[structure] else { throw .missing(structure) }
        var visits = 0
        guard let found = try find(Array(member.utf8), in: number, depth: 0, &visits) else {
            throw .missing("\(structure).\(member)")
        }
        return found
    }

    private func find(
        _ name: [UInt8], in structure: UInt32, depth: Int, _ visits: inout Int
    ) throws(KernelTypesError) -> Member? {
        guard let entry = try entry(structure) else { return nil }
        for number in 0..<entry.elementCount {
            visits += 1
            guard visits <= Self.visitsMax, depth <= Self.depthMax else { throw .malformed }
            let member = entry.offset + 12 + number * Self.memberByteCount
            let nameOffset = Int(Self.word(bytes, member))
            let type = Self.word(bytes, member + 4)
            let position = Self.word(bytes, member + 8)
            let bitOffset = Int(entry.hasBitfields ? position & 0xFF_FFFF : position)
            if isName(name, at: nameOffset) {
                let bitCount = entry.hasBitfields ? Int(position >> 24) : 0
                return Member(type: type, bitOffset: bitOffset, bitCount: bitCount)
            }
            if isName([], at: nameOffset), let inner = try resolve(type),
                [.structure, .union].contains(inner.entry.kind),
                var found = try find(name, in: inner.number, depth: depth + 1, &visits)
            {
                found.bitOffset += bitOffset
                return found
            }
        }
        return nil
    }

    /// What stands behind other names and qualifiers of a type.
    private func resolve(
        _ number: UInt32
    ) throws(KernelTypesError) -> (number: UInt32, entry: Entry)? {
        var number = number
        for _ in 0..<32 {
            guard let entry = try entry(number) else { return nil }
            switch entry.kind {
            case .typedef, .volatile, .const, .restrict, .typeTag: number = entry.value
            default: return (number, entry)
            }
        }
        throw .malformed
    }

    private func byteCount(of type: UInt32) throws(KernelTypesError) -> Int? {
        guard let entry = try resolve(type)?.entry else { return nil }
        switch entry.kind {
        case .integer, .enumeration: return Int(entry.value)
        case .pointer: return 8
        default: return nil
        }
    }
}
