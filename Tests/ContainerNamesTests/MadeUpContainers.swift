import Foundation
import HostFakes
import Procfs
import TableFakes

@testable import ContainerNames
@testable import TCPModel

/// A host on which runtimes have left what a test wants.
final class MadeUpContainers {
    let tree: FileTree
    let host: FakeHost
    let names: LocalContainerNames

    /// - Parameter isPatient: So that a busy machine finds what there is.
    init(isPatient: Bool = true) throws {
        tree = try FileTree()
        host = try FakeHost()
        names = LocalContainerNames(
            paths: ContainerPaths(
                docker: tree.path("docker"), containerd: tree.path("containerd"),
                podLogs: tree.path("log")),
            processes: host.procfs, details: host.procfs, isPatient: isPatient)
    }

    /// An ID that no other number has.
    static func id(_ number: Int = 0) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 10 - digits.count) + digits
            + String(repeating: "ab", count: 27)
    }

    func putDocker(_ json: String, _ number: Int = 0) throws {
        try tree.write("docker/containers/\(Self.id(number))/config.v2.json", json)
    }

    func putBundle(_ json: String, _ number: Int = 0, namespace: String = "default") throws {
        let task = "containerd/io.containerd.runtime.v2.task/\(namespace)/\(Self.id(number))"
        try tree.write("\(task)/config.json", json)
    }

    /// A container in some process of the host.
    static func facts(
        _ runtime: ContainerRuntime, _ number: Int = 0, user: String? = nil, process: Int32? = nil
    ) -> ContainerFacts? {
        let container = ContainerIdentity(runtime: runtime, id: Array(id(number).utf8))
        let module: ModuleIdentity =
            user.map { .userContainer(user: Array($0.utf8), container) } ?? .container(container)
        return ContainerFacts(module, process: process.map(ProcessID.init))
    }

    /// The name that one call finds, as text; nil where it finds none.
    func name(
        _ runtime: ContainerRuntime, _ number: Int = 0, user: String? = nil, process: Int32? = nil
    ) -> String? {
        guard let facts = Self.facts(runtime, number, user: user, process: process) else {
            return nil
        }
        return names.names(of: [facts])[facts.module]?.text
    }

    /// What the last call found, without zeros.
    var results: [String: Int] {
        let results = names.results
        return Dictionary(
            uniqueKeysWithValues: ContainerNameResult.allCases.compactMap {
                results[$0] > 0 ? ($0.rawValue, results[$0]) : nil
            })
    }
}

extension ContainerName {
    var text: String {
        switch self {
        case .runtime(let runtime, let name):
            "\(runtime.rawValue)-\(String(decoding: name, as: UTF8.self))"
        case .kubernetes(let name):
            "k8s-"
                + [name.namespace, name.pod, name.container].compactMap(\.self)
                .map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
        }
    }
}
