import OwnerModules

/// A row of numbers for each module, by its index.
struct ModuleCounts {
    private let cellCount: Int
    private var cells: [UInt64] = []

    /// - Parameter cellCount: How many numbers each module has.
    init(cellCount: Int) {
        self.cellCount = cellCount
    }

    mutating func removeAll() {
        for index in cells.indices { cells[index] = 0 }
    }

    mutating func add(_ value: UInt64, to module: ModuleIndex, cell: Int) {
        let index = module.rawValue * cellCount + cell
        while index >= cells.count { cells.append(0) }
        cells[index] += value
    }

    /// The sum over several modules; 0 for those that nothing was added to.
    func sum(of modules: [ModuleIndex], cell: Int) -> UInt64 {
        modules.reduce(0) { sum, module in
            let index = module.rawValue * cellCount + cell
            return index < cells.count ? sum + cells[index] : sum
        }
    }
}
