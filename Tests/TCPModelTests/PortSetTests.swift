import Testing

@testable import TCPModel

@Suite struct PortSetTests {
    @Test(
        arguments: [
            0...0, 63...64, 64...127, 1...62, 65_535...65_535, 32_768...60_999, 0...65_535,
        ] as [ClosedRange<UInt16>])
    func aRangeHasItsPortsAndNoOther(_ range: ClosedRange<UInt16>) {
        let ports = PortSet(range)
        let found = (0...UInt16.max).filter(ports.contains)
        #expect(found == Array(range))
        #expect(ports.count == found.count)
    }
}
