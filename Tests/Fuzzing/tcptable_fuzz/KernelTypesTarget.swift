@testable import BPFIterators

extension FuzzTarget {
    /// The kernel's description of its types. A second reader finds the same, and it lies within what a program
    /// of BPF can load.
    static let kernelTypes = FuzzTarget(name: "kernel-types") { input in
        let functions = ["show"]
        let structures = ["sock", "file"]
        guard let types = try? KernelTypes(input, wanted: structures + functions) else { return }
        let plain = PlainTypes(input)
        for name in functions {
            require(plain.number(.function, name) == (try? types.function(name)), name)
        }
        for structure in structures {
            for member in ["ino", "data", ""] {
                compare(member, of: structure, types, plain)
                compareParts(of: member, of: structure, types, plain)
            }
        }
    }

    /// Bits of a byte, and a number within what a member holds.
    private static func compareParts(
        of member: String, of structure: String, _ types: KernelTypes, _ plain: PlainTypes
    ) {
        let what = "\(structure).\(member)"
        if let bits = try? types.bits(member, of: structure) {
            let found = plain.field(member, of: structure)
            require(bits.mask << bits.shift <= 0xFF, "\(what): \(bits)")
            require(found?.bitOffset == Int(bits.offset) * 8 + Int(bits.shift), "\(what): \(bits)")
            require((found?.bitCount).map { 1 << $0 - 1 } == Int(bits.mask), "\(what): \(bits)")
        }
        if let start = try? types.offset(of: member, in: structure) {
            let found = plain.field(member, of: structure)
            require(found?.bitOffset == Int(start) * 8, "\(what) at \(start)")
            require(found?.bitCount == 0, "\(what) is a bit field")
            _ = try? types.field(member, of: structure, at: start)
        }
    }

    private static func compare(
        _ member: String, of structure: String, _ types: KernelTypes, _ plain: PlainTypes
    ) {
        let what = "\(structure).\(member)"
        do throws(KernelTypesError) {
            let field = try types.field(member, of: structure)
            require(field.offset >= 0, "\(what) at \(field.offset)")
            require([1, 2, 4, 8].contains(field.byteCount), "\(field.byteCount) bytes")
            let found = plain.field(member, of: structure)
            require(found?.bitOffset == Int(field.offset) * 8, "\(what) at \(field.offset)")
            require(found?.byteCount == field.byteCount, "\(what) has \(field.byteCount) bytes")
            require(found?.bitCount == 0, "\(what) is a bit field")
        } catch .missing {
            require(plain.field(member, of: structure) == nil, "\(what) is not missing")
        } catch .unexpected {
            let found = plain.field(member, of: structure)
            require(found != nil, "\(what) is missing")
            let isLoadable = found.map {
                [1, 2, 4, 8].contains($0.byteCount ?? 0) && $0.bitCount == 0
                    && $0.bitOffset % 8 == 0 && $0.bitOffset / 8 <= Int16.max
            }
            require(isLoadable == false, "\(what) is a number")
        } catch {
            // It contradicts itself, or is deeper than a kernel's.
        }
    }
}

/// All types as values, made from BTF that has been found well-formed (`Documentation/bpf/btf.rst`).
private struct PlainTypes {
    enum Kind: UInt32 {
        case void, int, ptr, array, `struct`, union, `enum`, fwd, typedef, volatile, const, restrict
        case function, functionPrototype, variable, dataSection, float, declarationTag, typeTag
        case enum64
    }

    struct Member {
        let name: [UInt8]
        let type: Int
        let bitOffset: Int
        /// 0 where it is no bit field.
        let bitCount: Int
    }

    struct Field: Equatable {
        let bitOffset: Int
        /// 0 where it is no bit field.
        let bitCount: Int
        /// Nil where it is no number and no pointer.
        let byteCount: Int?
    }

    private struct Entry {
        let kind: Kind
        let name: [UInt8]
        let value: Int
        let members: [Member]
    }

    /// By number: `void` is the first.
    private var entries = [Entry(kind: .void, name: [], value: 0, members: [])]

    init(_ bytes: [UInt8]) {
        func word(_ offset: Int) -> Int {
            (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
        }
        let types = word(4) + word(8)
        let names = word(4) + word(16)
        let namesEnd = names + word(20)
        /// A text that no zero ends is none.
        func text(_ offset: Int) -> [UInt8] {
            let start = names + offset
            guard start < namesEnd, let end = bytes[start..<namesEnd].firstIndex(of: 0) else {
                return [0xFF, 0]
            }
            return Array(bytes[start..<end])
        }
        var offset = types
        while offset < types + word(12) {
            let info = word(offset + 4)
            let kind = Kind(rawValue: UInt32(info >> 24 & 0x1F)) ?? .void
            let count = info & 0xFFFF
            let rest = offset + 12
            var members: [Member] = []
            if kind == .struct || kind == .union {
                members = (0..<count).map { index in
                    let place = word(rest + 12 * index + 8)
                    let hasSizes = info >> 31 == 1
                    return Member(
                        name: text(word(rest + 12 * index)), type: word(rest + 12 * index + 4),
                        bitOffset: hasSizes ? place % (1 << 24) : place,
                        bitCount: hasSizes ? place >> 24 : 0)
                }
            }
            entries.append(
                Entry(
                    kind: kind, name: text(word(offset)), value: word(offset + 8), members: members)
            )
            offset = rest
            switch kind {
            case .int, .variable, .declarationTag: offset += 4
            case .array: offset += 12
            case .enum, .functionPrototype: offset += 8 * count
            case .struct, .union, .dataSection, .enum64: offset += 12 * count
            default: break
            }
        }
    }

    /// The first of that kind and name.
    func number(_ kind: Kind, _ name: String) -> UInt32? {
        entries.firstIndex { $0.kind == kind && $0.name == Array(name.utf8) }.map(UInt32.init)
    }

    func field(_ member: String, of structure: String) -> Field? {
        guard let number = number(.struct, structure) else { return nil }
        guard let found = place(of: Array(member.utf8), in: entries[Int(number)])
        else { return nil }
        return Field(
            bitOffset: found.bitOffset, bitCount: found.bitCount, byteCount: byteCount(found.type))
    }

    private func place(
        of name: [UInt8], in entry: Entry
    ) -> (type: Int, bitOffset: Int, bitCount: Int)? {
        for member in entry.members {
            if member.name == name { return (member.type, member.bitOffset, member.bitCount) }
            if member.name.isEmpty, let inner = resolved(member.type),
                let found = place(of: name, in: inner)
            {
                return (found.type, member.bitOffset + found.bitOffset, found.bitCount)
            }
        }
        return nil
    }

    /// Nil for `void`, and where that ends nowhere.
    private func resolved(_ type: Int) -> Entry? {
        var number = type
        for _ in 0...entries.count where entries.indices.contains(number) {
            let entry = entries[number]
            switch entry.kind {
            case .typedef, .volatile, .const, .restrict, .typeTag: number = entry.value
            case .void: return nil
            default: return entry
            }
        }
        return nil
    }

    private func byteCount(_ type: Int) -> Int? {
        guard let entry = resolved(type) else { return nil }
        return switch entry.kind {
        case .int, .enum: entry.value
        case .ptr: 8
        default: nil
        }
    }
}
