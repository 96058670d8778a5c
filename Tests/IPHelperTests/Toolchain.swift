import Foundation
import TestSupport

/// A compiler that must accept the header and the programs in `Programs`.
enum Toolchain: String, CaseIterable, Sendable {
    case gcc
    case gxx = "g++"
    case clang
    case clangxx = "clang++"
    /// gcc with AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer.
    case sanitizers = "gcc -fsanitize"

    private var compiler: String { String(rawValue.prefix { $0 != " " }) }

    private var options: [String] {
        let language =
            self == .gxx || self == .clangxx ? ["-std=c++17", "-x", "c++"] : ["-std=c11"]
        let sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
        return language + ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g"]
            + ["-I\(Sources.headers)"] + (self == .sanitizers ? sanitizers : [])
    }

    /// Compiles C files to a program beside the tests, which finds the library where it was built.
    ///
    /// Some linkers drop libraries that no preceding file needs; an option prevents that.
    func compile(_ files: [String], to name: String, _ others: [String] = []) throws -> String {
        let path = product("\(name)-\(rawValue.replacing(" ", with: ""))")
        let library = [
            "-L\(productsDirectory)", "-Wl,--no-as-needed,-rpath,\(productsDirectory)",
            "-lIPHelper", "-o", path,
        ]
        try check(others + library + files)
        return path
    }

    /// Compiles without output, to check for diagnostics.
    func check(_ arguments: [String]) throws {
        let result = try run(compiler, options + arguments, timeout: .seconds(120))
        guard result.status == .exited(0), result.standardError.isEmpty else {
            throw Refusal(text: result.standardError)
        }
    }

    /// A compiler's diagnostics.
    struct Refusal: Error, CustomStringConvertible {
        let text: String
        var description: String { text }
    }
}

/// The folder of the C files.
enum Sources {
    private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    private static let root = tests.deletingLastPathComponent().deletingLastPathComponent()

    static let headers = root.appending(path: "Sources/CIPHelper/include").path
    static let layout = root.appending(path: "Sources/CIPHelper/layout.c").path
    static let example = tests.appending(path: "Example/owners.c").path

    static var programs: [String] {
        let directory = tests.appending(path: "Programs").path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.filter { $0.hasSuffix(".c") }.sorted().map { "\(directory)/\($0)" }
    }
}
