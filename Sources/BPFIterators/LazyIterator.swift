/// An iterator over descriptors that is loaded when it is first needed. Where that fails, it is not tried again.
struct LazyIterator {
    private enum Program {
        case unloaded
        case loaded(any DescriptorIterating)
        case unavailable
    }

    private var program = Program.unloaded

    var isUnloaded: Bool {
        if case .unloaded = program { true } else { false }
    }

    var isUnavailable: Bool {
        if case .unavailable = program { true } else { false }
    }

    /// The iterator; nil where it cannot be loaded.
    mutating func loaded(
        _ load: () throws(DescriptorIteratorError) -> any DescriptorIterating
    ) -> (any DescriptorIterating)? {
        switch program {
        case .loaded(let iterator): return iterator
        case .unavailable: return nil
        case .unloaded:
            guard let iterator = try? load() else {
                program = .unavailable
                return nil
            }
            program = .loaded(iterator)
            return iterator
        }
    }
}
