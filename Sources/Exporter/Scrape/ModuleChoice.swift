package import Patterns
import TCPModel

/// Which modules can have series of their own, by their names.
package struct ModuleChoice: Sendable {
    /// Nil chooses all.
    package var included: Pattern?
    /// Nil leaves out none.
    package var excluded: Pattern?

    /// What was found out about the modules of the last scrape.
    private var decisions: [OwnerModule: Bool] = [:]

    package init(included: Pattern? = nil, excluded: Pattern? = nil) {
        self.included = included
        self.excluded = excluded
    }

    /// Whether the module is chosen, as of the last update.
    func contains(_ module: OwnerModule) -> Bool { decisions[module] ?? true }

    /// Decides about modules that are new, and forgets those that are gone.
    mutating func update(_ modules: some Collection<OwnerModule>) {
        guard included != nil || excluded != nil else { return }
        let known = decisions
        decisions = Dictionary(
            uniqueKeysWithValues: modules.map { ($0, known[$0] ?? decide($0)) })
    }

    private func decide(_ module: OwnerModule) -> Bool {
        (included?.matches(module.name) ?? true) && !(excluded?.matches(module.name) ?? false)
    }
}
