import Exposition
import TCPModel

/// Label sets of the closed sets of values, rendered once, and the sorted order of each.
enum Labels {
    static let states = TCPState.allCases.map { LabelSet("state", $0.label) }
    static let families = AddressFamily.allCases.map { LabelSet("family", $0.label) }
    static let offloadStates = OffloadState.allCases.map { LabelSet("offload_state", $0.label) }
    static let reasons = UnattributedReason.allCases.map { LabelSet("reason", $0.label) }

    static let sortedStates = sorted(TCPState.allCases) { $0.label }
    static let sortedOffloadStates = sorted(OffloadState.allCases) { $0.label }
    static let sortedReasons = sorted(UnattributedReason.allCases) { $0.label }

    private static func sorted<Value>(
        _ values: [Value], by label: (Value) -> StaticString
    ) -> [Value] {
        values.sorted { label($0).description < label($1).description }
    }
}
