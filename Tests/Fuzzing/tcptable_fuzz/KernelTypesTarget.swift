@testable import BPFIterators

extension FuzzTarget {
    /// The kernel's description of its types. What is found lies within what a program of BPF can load.
    static let kernelTypes = FuzzTarget(name: "kernel-types") { input in
        guard let types = try? KernelTypes(input, wanted: ["sock", "file", "show"]) else { return }
        _ = try? types.function("show")
        for structure in ["sock", "file"] {
            for member in ["ino", "data", ""] {
                if let bits = try? types.bits(member, of: structure) {
                    require(bits.mask << bits.shift <= 0xFF, "\(structure).\(member): \(bits)")
                }
                if let start = try? types.offset(of: member, in: structure) {
                    _ = try? types.field(member, of: structure, at: start)
                }
                guard let field = try? types.field(member, of: structure) else { continue }
                require(field.offset >= 0, "\(structure).\(member) at \(field.offset)")
                require([1, 2, 4, 8].contains(field.byteCount), "\(field.byteCount) bytes")
            }
        }
    }
}
