import Foundation
import TestSupport
import Testing

/// `Sources/README.md`: a line for each folder, from bottom to top, and the files that a row and a
/// request enter.
struct SourceMap {
    /// The folders, in the map's order.
    let folders: [String]
    let walkOfARow: [String]
    let walkOfARequest: [String]
    /// Everything in it that is written as a path.
    let mentioned: Set<String>
    /// Lines that are not written as the map's lines are.
    let malformed: [String]

    /// The folders that are modules. Pages and what packages are made from are none.
    var modules: [String] {
        folders.filter { !$0.contains("/") && !["Documentation", "Packaging"].contains($0) }
    }

    init(_ text: String) {
        var sections: [String: [Substring]] = [:]
        var section = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("## ") { section = String(line.dropFirst(3)) }
            if line.hasPrefix("- ") || line.first?.isNumber == true {
                sections[section, default: []].append(line)
            }
        }
        var malformed: [String] = []
        func paths(_ section: String, _ line: Regex<(Substring, Substring)>) -> [String] {
            sections[section, default: []].compactMap { text in
                let match = text.wholeMatch(of: line)
                if match == nil { malformed.append(String(text)) }
                return match.map { String($0.output.1) }
            }
        }
        folders = paths("The rooms", /- `([\w.\/]+)`: .+\./)
        walkOfARow = paths("The walk of a row", /\d+\. `([\w.+\/]+)`: .+\./)
        walkOfARequest = paths("The walk of a request", /\d+\. `([\w.+\/]+)`: .+\./)
        self.malformed = malformed
        mentioned = Set(
            text.matches(of: /`(\w[\w.+]*\/[\w.+\/]*)`/).map { String($0.output.1) })
    }
}

/// The folders of `Sources`, as they are.
enum SourceTree {
    static let root = URL(filePath: #filePath).appending(path: "../../..").standardized
    static let sources = root.appending(path: "Sources")

    /// Each with the names of its files. A C module's `include` is a part of it.
    static func folders() throws -> [String: [String]] {
        var folders: [String: [String]] = [:]
        let names = FileManager.default.enumerator(atPath: sources.path)
        for case let name as String in names ?? .init() {
            var isDirectory: ObjCBool = false
            let path = sources.appending(path: name).path
            guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            else { continue }
            let isFolder = isDirectory.boolValue
            if isFolder, !name.hasSuffix("/include") { folders[name, default: []] += [] }
            guard !isFolder, let slash = name.lastIndex(of: "/") else { continue }
            folders[String(name[..<slash]), default: []].append(name)
        }
        return folders.filter { !$0.key.hasSuffix("/include") }
    }

    /// What the Swift files of a module import, by imports with these words before them, or by all.
    static func imports(of module: String, marked mark: String? = nil) throws -> Set<String> {
        let files = try folders().filter { $0.key == module || $0.key.hasPrefix(module + "/") }
        return try files.values.joined().filter { $0.hasSuffix(".swift") }
            .reduce(into: []) { imports, file in
                let text = try String(contentsOf: sources.appending(path: file), encoding: .utf8)
                for match in text.matches(of: /(?m)^((?:@?\w+ )*)import (?:\w+ )?(\w+)/)
                where mark.map({ $0 == match.output.1 }) ?? true {
                    imports.insert(String(match.output.2))
                }
            }
    }
}

/// The targets of `Package.swift` that lie in `Sources`, each with the targets that it depends on.
struct PackageTargets {
    let dependencies: [String: Set<String>]

    /// As SwiftPM reads it, with a build directory of its own: the tests' is in use.
    init() throws {
        let directory = try TemporaryDirectory()
        let result = try run(
            "swift",
            [
                "package", "--package-path", SourceTree.root.path, "--scratch-path",
                directory.path, "dump-package",
            ], timeout: .seconds(120))
        try #require(result.status == .exited(0), "\(result.standardError)")
        let package = try JSONDecoder().decode(
            Package.self, from: Data(result.standardOutput.utf8))
        let targets = package.targets.filter { $0.type != "test" }
        dependencies = Dictionary(
            uniqueKeysWithValues: targets.map { target in
                (target.name, Set(target.dependencies.compactMap { $0.byName?.first ?? nil }))
            })
    }

    private struct Package: Decodable {
        let targets: [Target]
    }

    private struct Target: Decodable {
        let name: String
        let type: String
        let dependencies: [Dependency]
    }

    private struct Dependency: Decodable {
        /// The name, and a condition.
        let byName: [String?]?
    }
}
