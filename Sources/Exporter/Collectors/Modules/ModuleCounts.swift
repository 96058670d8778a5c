import Owners
import TCPModel

/// One table's rows, counted by module, and those without an owner by reason.
struct ModuleCounts {
    private var modules: [OwnerCells] = []
    /// An element for each reason.
    private var unattributed = InlineArray<5, OwnerCells>(repeating: OwnerCells())

    mutating func add(_ cells: OwnerCells, to owner: Owner) {
        switch owner {
        case .module(let module):
            makeRoom(for: module)
            modules[module.rawValue] += cells
        case .unattributed(let reason):
            unattributed[reason.index] += cells
        }
    }

    /// Counts a row.
    mutating func add(_ state: TCPState, _ offloadState: OffloadState, to owner: Owner) {
        switch owner {
        case .module(let module):
            makeRoom(for: module)
            modules[module.rawValue].add(state, offloadState)
        case .unattributed(let reason):
            unattributed[reason.index].add(state, offloadState)
        }
    }

    private mutating func makeRoom(for module: ModuleIndex) {
        while module.rawValue >= modules.count { modules.append(OwnerCells()) }
    }

    /// What is counted for a module.
    subscript(module: ModuleIndex) -> OwnerCells {
        module.rawValue < modules.count ? modules[module.rawValue] : OwnerCells()
    }

    /// What is counted for rows without an owner.
    subscript(reason: UnattributedReason) -> OwnerCells { unattributed[reason.index] }

    static func += (a: inout Self, b: Self) {
        for (index, cells) in b.modules.enumerated() {
            a.add(cells, to: .module(ModuleIndex(rawValue: index)))
        }
        for reason in UnattributedReason.allCases { a.add(b[reason], to: .unattributed(reason)) }
    }

    /// The sum over several modules.
    func sum(of modules: [ModuleIndex]) -> OwnerCells {
        if modules.count == 1 { return self[modules[0]] }
        return modules.reduce(into: OwnerCells()) { $0 += self[$1] }
    }
}
