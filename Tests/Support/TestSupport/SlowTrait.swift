import Foundation
package import Testing

extension Trait where Self == ConditionTrait {
    /// A suite that takes ten seconds by itself, or a test that takes five. They are skipped where the
    /// environment says `TCPTABLE_TEST_SKIP=slow`.
    ///
    /// No tag: `swift test` of Swift 6.3 cannot choose tests by their tags.
    package static var slow: Self {
        .disabled(if: slowAreSkipped, "slow")
    }
}

private let slowAreSkipped = ProcessInfo.processInfo.environment["TCPTABLE_TEST_SKIP"] == "slow"
