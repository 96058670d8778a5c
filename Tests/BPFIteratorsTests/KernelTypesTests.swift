import Foundation
import TestSupport
import Testing

@testable import BPFIterators

/// What the kernel says about its types, well-formed and otherwise.
struct KernelTypesTests {
    private let wanted = ["file", "probe"]

    private func field(_ bytes: [UInt8], _ member: String) throws -> KernelField {
        try KernelTypes(bytes, wanted: wanted).field(member, of: "file")
    }

    @Test func membersAreFoundWithTheirPlaceAndSize() throws {
        let bytes = MadeUpTypes.all.bytes
        #expect(try field(bytes, "number") == KernelField(offset: 8, byteCount: 2))
        #expect(try field(bytes, "pointer") == KernelField(offset: 16, byteCount: 8))
        // By way of a typedef and a qualifier.
        #expect(try field(bytes, "named") == KernelField(offset: 24, byteCount: 4))
    }

    @Test func aMemberOfAnAnonymousMemberIsTheStructuresOwn() throws {
        #expect(try field(MadeUpTypes.all.bytes, "inner") == KernelField(offset: 34, byteCount: 2))
    }

    @Test func aMemberOfAnySortHasAPlace() throws {
        let types = try KernelTypes(MadeUpTypes.all.bytes, wanted: wanted)
        #expect(try types.offset(of: "structure", in: "file") == 40)
        #expect(
            try types.field("number", of: "file", at: 40) == KernelField(offset: 48, byteCount: 2))
        #expect(throws: KernelTypesError.unexpected("file.number")) {
            try types.field("number", of: "file", at: .max)
        }
    }

    @Test(arguments: [
        ("low", KernelBits(offset: 16, shift: 0, mask: 7)),
        ("high", KernelBits(offset: 16, shift: 3, mask: 31)),
        ("number", nil), ("split", nil), ("whole", nil),
    ])
    func aBitFieldIsInOneByte(_ member: String, _ place: KernelBits?) throws {
        var types = MadeUpTypes()
        types.add(kind: 1, "char", value: 1, more: [8])
        types.bitFields(
            "file",
            [
                ("number", 1, 0, 0), ("low", 1, 128, 3), ("high", 1, 131, 5), ("split", 1, 142, 3),
                ("whole", 1, 160, 8),
            ])
        let read = try KernelTypes(types.bytes, wanted: wanted)
        #expect((try? read.bits(member, of: "file")) == place)
        if place != nil {
            #expect(throws: KernelTypesError.self) { try read.field(member, of: "file") }
            #expect(throws: KernelTypesError.self) { try read.offset(of: member, in: "file") }
        }
    }

    @Test func aFunctionHasTheNumberOfItsType() throws {
        let types = try KernelTypes(MadeUpTypes.all.bytes, wanted: wanted)
        #expect(try types.function("probe") == 9)
        #expect(throws: KernelTypesError.missing("file")) { try types.function("file") }
    }

    @Test func whatIsNoNumberAndNoPointerIsRefused() throws {
        let bytes = MadeUpTypes.all.bytes
        #expect(throws: KernelTypesError.unexpected("file.structure")) {
            try field(bytes, "structure")
        }
        #expect(throws: KernelTypesError.missing("file.nothing")) { try field(bytes, "nothing") }
    }

    /// In such a structure, the place of a member is beside its size in bits, which is 0 for a whole one.
    @Test func aBitFieldIsNoNumberAndAWholeMemberBesideItIs() throws {
        var types = MadeUpTypes()
        types.add(kind: 1, "int", value: 4, more: [32])
        types.structure(
            "file", [("flag", 1, 1 << 24 | 64), ("number", 1, 96)], hasBitfields: true)
        #expect(throws: KernelTypesError.unexpected("file.flag")) { try field(types.bytes, "flag") }
        #expect(try field(types.bytes, "number") == KernelField(offset: 12, byteCount: 4))
    }

    @Test func aNameThatDoesNotEndWithinTheNamesIsNone() throws {
        var types = MadeUpTypes()
        types.add(kind: 13, "", value: 0)
        types.add(kind: 12, "probe", value: 1)
        #expect(try KernelTypes(types.bytes, wanted: wanted).function("probe") == 2)
        var bytes = Array(types.bytes.dropLast())
        bytes[20] -= 1  // How many bytes of names there are.
        #expect(throws: KernelTypesError.missing("probe")) {
            try KernelTypes(bytes, wanted: wanted).function("probe")
        }
    }

    @Test func anAnonymousMemberThatContainsItselfEndsTheSearch() throws {
        var types = MadeUpTypes()
        types.structure("file", [("", 1, 0), ("", 1, 0)])
        #expect(throws: KernelTypesError.malformed) { try field(types.bytes, "number") }
    }

    @Test func aChainOfNamesThatEndsNowhereEndsTheSearch() throws {
        var types = MadeUpTypes()
        types.add(kind: 8, "loop", value: 1)
        types.structure("file", [("number", 1, 0)])
        #expect(throws: KernelTypesError.malformed) { try field(types.bytes, "number") }
    }

    @Test func bytesThatAreCutAnywhereAreRefused() throws {
        let bytes = MadeUpTypes.all.bytes
        for count in bytes.indices {
            #expect(throws: KernelTypesError.self) { try field(Array(bytes[..<count]), "number") }
        }
    }

    /// Wrong answers cannot be told from right ones here; that reading ends, and stays within the bytes, can.
    @Test func mutatedBytesAreReadOrRefused() throws {
        let bytes = MadeUpTypes.all.bytes
        var generator = SplitMix64(seed: 20_261_129)
        var refusedCount = 0
        for _ in 0..<50_000 {
            var mutated = bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: bytes.indices, using: &generator)
                mutated[place] =
                    [0, 1, 0x7F, 0x80, 0xFF, .random(in: 0...255, using: &generator)]
                    .randomElement(using: &generator) ?? 0
            }
            for member in ["number", "inner", "structure"] {
                do { _ = try field(mutated, member) } catch { refusedCount += 1 }
            }
            guard let types = try? KernelTypes(mutated, wanted: wanted) else { continue }
            _ = try? types.offset(of: "structure", in: "file")
            _ = try? types.bits("number", of: "file")
        }
        #expect(refusedCount > 10_000)
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/sys/kernel/btf/vmlinux")))
    func theRunningKernelsTypesMakeAProgram() throws {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: "/sys/kernel/btf/vmlinux")))
        let holders = try HolderProgram(bytes)
        #expect(holders.function > 0)
        #expect(holders.instructions.count == 34)
        let kernelTLS = try KernelTLSProgram(bytes)
        #expect(kernelTLS.function == holders.function)
        #expect(kernelTLS.instructions.count > 80)
    }
}

/// Types in the kernel's own form (`Documentation/bpf/btf.rst`).
struct MadeUpTypes {
    private var types: [UInt8] = []
    private var names: [UInt8] = [0]

    /// A structure with members of all sorts, and a function.
    static var all: MadeUpTypes {
        var types = MadeUpTypes()
        types.add(kind: 1, "short", value: 2, more: [16])
        types.add(kind: 1, "int", value: 4, more: [32])
        types.add(kind: 2, "", value: 1)
        types.add(kind: 10, "", value: 2)
        types.add(kind: 8, "other_int", value: 4)
        types.structure("", [("inner", 1, 16)])
        types.structure(
            "file",
            [
                ("number", 1, 64), ("pointer", 3, 128), ("named", 5, 192), ("", 6, 256),
                ("structure", 6, 320),
            ])
        types.add(kind: 13, "", value: 0)
        types.add(kind: 12, "probe", value: 8)
        return types
    }

    mutating func add(
        kind: UInt32, _ name: String, value: UInt32, count: Int = 0, more: [UInt32] = []
    ) {
        for word in [offset(of: name), kind << 24 | UInt32(count), value] + more {
            append(word, to: &types)
        }
    }

    /// - Parameter members: Name, type and place in bits.
    mutating func structure(
        _ name: String, _ members: [(String, UInt32, UInt32)], hasBitfields: Bool = false
    ) {
        let words = members.flatMap { [offset(of: $0.0), $0.1, $0.2] }
        add(kind: hasBitfields ? 0x84 : 4, name, value: 64, count: members.count, more: words)
    }

    /// - Parameter members: Name, type, place and size in bits.
    mutating func bitFields(_ name: String, _ members: [(String, UInt32, UInt32, UInt32)]) {
        let words = members.flatMap { [offset(of: $0.0), $0.1, $0.2 | $0.3 << 24] }
        // The topmost bit says that members have sizes.
        add(kind: 0x84, name, value: 64, count: members.count, more: words)
    }

    var bytes: [UInt8] {
        var header: [UInt8] = [0x9F, 0xEB, 1, 0]
        for word in [24, 0, types.count, types.count, names.count] {
            append(UInt32(word), to: &header)
        }
        return header + types + names
    }

    private mutating func offset(of name: String) -> UInt32 {
        guard !name.isEmpty else { return 0 }
        defer { names += Array(name.utf8) + [0] }
        return UInt32(names.count)
    }

    private func append(_ word: UInt32, to bytes: inout [UInt8]) {
        for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(word >> shift & 0xFF)) }
    }
}
