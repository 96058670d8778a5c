import Synchronization
import Testing

@testable import Owners
@testable import TCPModel

/// The names of single containers.
struct ContainerNameReaderTests {
    private let naming = CountedNames()

    private static func container(_ number: Int) throws -> ContainerFacts {
        let digits = String(number, radix: 16)
        let id = String(repeating: "0", count: 64 - digits.count) + digits
        let identity = ContainerIdentity(runtime: .docker, id: Array(id.utf8))
        return try #require(ContainerFacts(.container(identity), process: nil))
    }

    @Test func containersAreAskedForOnceInTurnToo() throws {
        var reader = ContainerNameReader(naming, lifetime: .seconds(3600))
        for number in [1, 2, 1, 2, 3, 1] {
            #expect(
                reader.name(of: try Self.container(number))
                    == .runtime(.docker, Array("c\(number)".utf8)))
        }
        #expect(naming.count == 3)
    }

    @Test func whatHasNoNameIsNotAskedForAgainEither() throws {
        var reader = ContainerNameReader(naming, lifetime: .seconds(3600))
        for _ in 0..<3 { #expect(reader.name(of: try Self.container(0)) == nil) }
        #expect(naming.count == 1)
    }

    @Test func anOldAnswerIsNotGivenAgain() throws {
        var reader = ContainerNameReader(naming, lifetime: .zero)
        for _ in 0..<3 { _ = reader.name(of: try Self.container(1)) }
        #expect(naming.count == 3)
    }

    @Test func tooManyAreForgotten() throws {
        var reader = ContainerNameReader(naming, lifetime: .seconds(3600))
        let containersMax = ContainerNameReader.containersMax
        for number in 0...containersMax { _ = reader.name(of: try Self.container(number)) }
        #expect(naming.count == containersMax + 1)
        _ = reader.name(of: try Self.container(0))
        #expect(naming.count == containersMax + 2)
    }
}

/// Every container has its number as its name, but number 0 has none.
private final class CountedNames: ContainerNaming {
    private let calls = Mutex(0)

    var count: Int { calls.withLock { $0 } }
    var results: ContainerNameResults { ContainerNameResults() }
    let problems: [String] = []

    func names(of containers: [ContainerFacts]) -> [ModuleIdentity: ContainerName] {
        calls.withLock { $0 += 1 }
        return containers.reduce(into: [:]) { names, container in
            let digits = String(decoding: container.container.id, as: UTF8.self)
            guard let number = Int(digits, radix: 16), number > 0 else { return }
            names[container.module] = .runtime(.docker, Array("c\(number)".utf8))
        }
    }
}
