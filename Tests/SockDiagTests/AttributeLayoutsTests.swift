import Testing

@testable import SockDiag

/// A row decoded by the layout of an earlier one is the row decoded step by step.
struct AttributeLayoutsTests {
    /// Of every two rows one is unchanged, so that its layout is known when a changed one comes.
    @Test(arguments: 11...14)
    func mutatedRowsAreTheSameByTheirLayouts(_ seed: UInt64) {
        let corpus = Fixture.rows.map(\.payload) + [Self.eightAttributes, Self.nineAttributes]
        var mutator = Mutator(corpus, seed: seed)
        var layouts = AttributeLayouts()
        var known = 0
        for turn in 0..<100_000 {
            _ = try? decode(corpus[turn % corpus.count], &layouts)
            let payload = mutator.next()
            if isKnown(payload, layouts) { known += 1 }
            let one = Result { () throws(DecodeError) in try decode(payload) }
            let other = Result { () throws(DecodeError) in try decode(payload, &layouts) }
            guard one == other else {
                Issue.record("\(payload) is \(one), by its layout \(other)")
                return
            }
        }
        #expect(known > 10_000, "the layouts of \(known) changed rows were known")
    }

    @Test(arguments: Fixture.rows)
    func aRowsLayoutIsKnownAfterwardsUnlessItHasAnUpperLayerProtocol(_ fixture: Fixture) throws {
        var layouts = AttributeLayouts()
        #expect(!isKnown(fixture.payload, layouts))
        let row = try decode(fixture.payload, &layouts)
        #expect(isKnown(fixture.payload, layouts) == (row.upperLayerProtocol == nil))
        #expect(try decode(fixture.payload, &layouts) == fixture.expected)
    }

    /// The same lengths, and other attributes: a mark where a cgroup was, and the other way round.
    @Test func rowsOfOneLengthTakeTurns() throws {
        let fixed = Array(Fixture.establishedIPv4.payload.prefix(72))
        let one = fixed + attribute(21, wire(UInt64(7))) + attribute(15, wire(UInt64(8)))
        let other = fixed + attribute(15, wire(UInt64(7))) + attribute(21, wire(UInt64(8)))
        let neither = fixed + attribute(99, wire(UInt64(7))) + attribute(98, wire(UInt64(8)))
        var layouts = AttributeLayouts()
        for _ in 0..<3 {
            #expect(try decode(one, &layouts).cgroupID == 7)
            #expect(try decode(other, &layouts).cgroupID == 8)
            let row = try decode(neither, &layouts)
            #expect(row.cgroupID == nil)
            #expect(!row.isMarkTold)
        }
    }

    @Test func ofManyAttributesTheLayoutIsNotKept() throws {
        var layouts = AttributeLayouts()
        #expect(try decode(Self.eightAttributes, &layouts).cgroupID == 5)
        #expect(try decode(Self.nineAttributes, &layouts).cgroupID == 5)
        #expect(isKnown(Self.eightAttributes, layouts))
        #expect(!isKnown(Self.nineAttributes, layouts))
    }

    private static let eightAttributes =
        Array(Fixture.establishedIPv4.payload.prefix(72))
        + (100..<107).flatMap { attribute($0, [1]) } + attribute(21, wire(UInt64(5)))

    private static let nineAttributes = eightAttributes + attribute(15, wire(UInt32(6)))
}

private func decode(
    _ payload: [UInt8], _ layouts: inout AttributeLayouts
) throws(DecodeError) -> InetDiagMessage {
    try unsafe InetDiagMessage(payload.span.bytes, &layouts)
}

private func isKnown(_ payload: [UInt8], _ layouts: AttributeLayouts) -> Bool {
    guard payload.count >= 72 else { return false }
    return unsafe layouts.attributes(of: payload.span.bytes) != nil
}
