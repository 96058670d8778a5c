import Testing

@testable import Exporter

struct CollectorChoiceTests {
    private static let enabled = Set(CollectorName.allCases).subtracting([.queue])

    @Test(
        arguments: [
            ([], enabled), ([("collect", "state"), ("x", "y"), ("exclude", "x")], enabled),
            ([("collect[]", "state")], [.state]),
            ([("collect[]", "state"), ("collect[]", "state")], [.state]),
            ([("collect[]", "state"), ("collect[]", "ephemeral-port")], [.state, .ephemeralPort]),
            ([("exclude[]", "state")], enabled.subtracting([.state])),
            ([("exclude[]", "queue")], enabled),
            (enabled.map { ("exclude[]", $0.rawValue) }, []),
        ] as [([(String, String)], Set<CollectorName>)])
    func onlyEnabledCollectorsAreSelected(
        _ query: [(String, String)], _ names: Set<CollectorName>
    ) throws {
        #expect(try Self.choice(query) == names)
    }

    @Test(arguments: [
        ([("collect[]", "state"), ("exclude[]", "module")], "cannot be used together"),
        ([("collect[]", "queue")], "disabled collector: queue"),
        ([("collect[]", "State")], "unknown collector in collect[]: 'State'"),
        ([("exclude[]", "cpu")], "unknown collector in exclude[]: 'cpu'"),
        ([("collect[]", "")], "unknown collector in collect[]: ''"),
        ([("collect[]", "state"), ("collect[]", "cpu")], "unknown collector in collect[]: 'cpu'"),
    ])
    func anInvalidSelectionIsRefused(_ query: [(String, String)], _ text: String) {
        let refusal = #expect(throws: CollectorChoice.Refusal.self) { try Self.choice(query) }
        #expect(refusal?.description.contains(text) == true)
    }

    @Test func theRefusalOfAnUnknownOneListsTheKnownOnes() {
        let refusal = #expect(throws: CollectorChoice.Refusal.self) {
            try Self.choice([("collect[]", "x")])
        }
        #expect(
            refusal?.description.hasSuffix(
                "(available: ephemeral-port, listener, module, offload, peer, queue, state)")
                == true)
    }

    @Test func aHostileNameIsOneShortLineOfVisibleText() throws {
        let name = "a\r\nSet-Cookie: x\u{1B}[31m\u{202E}é\0" + String(repeating: "z", count: 9_999)
        let refusal = #expect(throws: CollectorChoice.Refusal.self) {
            try Self.choice([("exclude[]", name)])
        }
        let text = try #require(refusal).description
        #expect(text.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        #expect(text.utf8.count < 200)
    }

    private static func choice(_ query: [(String, String)]) throws -> Set<CollectorName> {
        try CollectorChoice(query.map { (name: $0.0, value: $0.1) }, of: enabled).names
    }
}
