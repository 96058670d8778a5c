import Foundation
import TestSupport

/// The package's modules, where the build has put them.
enum BuiltModules {
    /// What a compiler needs to find them, and the C modules below them.
    static func searchArguments() throws -> [String] {
        let products = URL(filePath: productsDirectory)
        let names = try FileManager.default.contentsOfDirectory(atPath: productsDirectory)
        var maps = names.filter { $0.hasSuffix(".build") }
            .map { products.appending(path: "\($0)/module.modulemap").path }
        let checkouts = products.deletingLastPathComponent().deletingLastPathComponent()
        maps.append(
            checkouts.appending(
                path: "checkouts/swift-system/Sources/CSystem/include/module.modulemap"
            ).path)
        // Those of system libraries.
        maps += try FileManager.default.contentsOfDirectory(atPath: SourceTree.sources.path)
            .map { SourceTree.sources.appending(path: "\($0)/module.modulemap").path }
        let found = maps.filter { FileManager.default.fileExists(atPath: $0) }
        return ["-I", "\(productsDirectory)/Modules"]
            + found.flatMap { ["-Xcc", "-fmodule-map-file=\($0)"] }
    }
}
