import Testing

@testable import BPFIterators

/// Instructions as `Documentation/bpf/standardization/instruction-set.rst` of Linux writes them.
struct AssemblerTests {
    private func assembled(_ body: (inout Assembler) -> Void) -> [UInt64] {
        var code = Assembler()
        body(&code)
        return code.instructions
    }

    @Test func registersNumbersAndCallsAreWhereTheKernelReadsThem() {
        #expect(assembled { $0.move(.r6, .r1) } == [0x0000_0000_0000_16BF])
        #expect(assembled { $0.move(.r3, -1) } == [0xFFFF_FFFF_0000_03B7])
        #expect(assembled { $0.move(.r2, .frame) } == [0x0000_0000_0000_A2BF])
        #expect(assembled { $0.add(.r2, -16) } == [0xFFFF_FFF0_0000_0207])
        #expect(assembled { $0.and(.r1, 7) } == [0x0000_0007_0000_0157])
        #expect(assembled { $0.shiftRight(.r1, 3) } == [0x0000_0003_0000_0177])
        #expect(assembled { $0.call(127) } == [0x0000_007F_0000_0085])
        #expect(assembled { $0.exit() } == [0x0000_0000_0000_0095])
    }

    @Test(arguments: [(1, 0x71), (2, 0x69), (4, 0x61), (8, 0x79)] as [(Int, UInt64)])
    func fieldsAreLoadedInTheirSize(_ byteCount: Int, _ operation: UInt64) {
        let field = KernelField(offset: 16, byteCount: byteCount)
        #expect(assembled { $0.load(.r2, from: .r6, field) } == [0x0010_6200 | operation])
    }

    @Test func fieldsAreStoredBelowTheFrame() {
        let field = KernelField(offset: -8, byteCount: 4)
        #expect(assembled { $0.store(.r1, to: .frame, field) } == [0xFFF8_1A63])
    }

    @Test func aJumpGoesOverTheInstructionsBeforeItsTarget() {
        let code = assembled { code in
            let first = code.jump(if: .r1, equals: 6)
            let second = code.jump()
            code.exit()
            code.land(first, second)
            code.exit()
        }
        #expect(code == [0x0000_0006_0002_0115, 0x0000_0000_0001_0005, 0x95, 0x95])
    }
}
