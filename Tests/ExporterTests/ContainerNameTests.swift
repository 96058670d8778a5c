import Exporter
import HostFakes
import Synchronization
import TableFakes
import TestSupport
import Testing

@testable import TCPModel

/// Names move series, never counts.
struct ContainerNameTests {
    private let host: FakeHost
    private let naming = WrittenNames()
    private let stage: Stage
    /// Two connections of the first container, three of the second.
    private let rows = (0..<5).map { TCPConnection.row(inode: 100 + UInt32($0)) }

    init() throws {
        host = try FakeHost()
        stage = try Stage(containerNaming: naming, host: host)
        for (pid, digit, sockets) in [
            (Int32(10), "1", [UInt32(100), 101]), (11, "2", [102, 103, 104]),
        ] {
            let id = String(repeating: digit, count: 64)
            try host.add(
                pid, executable: "/app", cgroup: "/system.slice/docker-\(id).scope",
                sockets: sockets)
        }
    }

    private func modules() throws -> [String] {
        try stage.scrape(rows).samples("tcptable_module_connections").map {
            "\($0["kind"]) \($0["module"]) \(Int($0.value))"
        }
    }

    @Test func aContainerWithoutANameIsItsID() throws {
        #expect(
            try modules() == ["container docker-111111111111 2", "container docker-222222222222 3"])
    }

    @Test func twoContainersOfOneNameAreOneSeries() throws {
        naming.write(["1": "shop/api", "2": "shop/api"])
        #expect(try modules() == ["container docker-shop/api 5"])
    }

    @Test func aNameThatComesLateChangesOrIsLostMovesTheSeries() throws {
        naming.write(["1": "web"])
        #expect(try modules() == ["container docker-222222222222 3", "container docker-web 2"])
        naming.write(["1": "web", "2": "db"])
        #expect(try modules() == ["container docker-db 3", "container docker-web 2"])
        naming.write(["1": "db", "2": "db"])
        #expect(try modules() == ["container docker-db 5"])
        naming.write([:])
        #expect(
            try modules() == ["container docker-111111111111 2", "container docker-222222222222 3"])
    }

    @Test func whatAnotherNamesIsNoContainersSeries() throws {
        try host.add(12, executable: "/bin/docker-web", sockets: [105])
        naming.write(["1": "web"])
        let text = try stage.scrape(rows + [.row(inode: 105)])
        let modules = text.samples("tcptable_module_connections").map {
            "\($0["kind"]) \($0["module"])"
        }
        #expect(modules.contains("container docker-web") && modules.contains("process docker-web"))
    }

    @Test func problemsOfNamingAreToldAndNoFailure() throws {
        naming.write([:], problems: ["a right is missing"])
        let text = try stage.scrape(rows)
        #expect(stage.lastScrape?.problems.contains("a right is missing") == true)
        #expect(
            text.samples("tcptable_scrape_collector_success").allSatisfy { $0.value == 1 })
    }
}

/// Names by the digit that IDs consist of.
private final class WrittenNames: ContainerNaming {
    private let state = Mutex((names: [String: String](), problems: [String]()))

    func write(_ names: [String: String], problems: [String] = []) {
        state.withLock { $0 = (names, problems) }
    }

    var results: ContainerNameResults { ContainerNameResults() }
    var problems: [String] { state.withLock { $0.problems } }

    func names(of containers: [ContainerFacts]) -> [ModuleIdentity: ContainerName] {
        let names = state.withLock { $0.names }
        return containers.reduce(into: [:]) { found, container in
            let digit = String(decoding: container.container.id.prefix(1), as: UTF8.self)
            if let name = names[digit] {
                found[container.module] = .runtime(.docker, Array(name.utf8))
            }
        }
    }
}
