import TestSupport
import Testing

struct RequirementTests {
    @Test func toolsAreFoundInThePath() {
        #expect(toolPath("sh")?.hasSuffix("/sh") == true)
        #expect(toolPath("no-such-program") == nil)
    }

    @Test(.requires(.tool("sh"))) func aTestRunsWhereItsRequirementIsMet() {}

    /// That it skips otherwise cannot be tried here: it would skip this test.
    @Test func aMissingRequirementFailsWhereAllAreRequired() async throws {
        let requirement = Requirement("a miracle") { false }
        let trait = RequirementTrait(requirement: requirement, mustBeMet: true)
        let test = try #require(Test.current)
        await #expect {
            try await trait.prepare(for: test)
        } throws: {
            "\($0)".contains("this machine lacks a miracle")
        }
    }
}
