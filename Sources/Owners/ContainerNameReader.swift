import Linux
package import TCPModel

/// Tells the names of single containers, and caches them for some seconds.
package struct ContainerNameReader {
    /// How long a name is told again without a look at it.
    static let lifetime = Duration.seconds(2)
    /// Beyond so many, all are forgotten.
    static let containersMax = 4096

    private struct Answer {
        let name: ContainerName?
        let end: MonotonicTime
    }

    private let naming: any ContainerNaming
    private let lifetime: Duration
    private var answers: [ModuleIdentity: Answer] = [:]

    package init(_ naming: any ContainerNaming) {
        self.init(naming, lifetime: Self.lifetime)
    }

    init(_ naming: any ContainerNaming, lifetime: Duration) {
        self.naming = naming
        self.lifetime = lifetime
    }

    /// The name of a container; nil when it is not known.
    package mutating func name(of container: ContainerFacts) -> ContainerName? {
        let now = MonotonicTime.now
        if let answer = answers[container.module], now < answer.end { return answer.name }
        if answers.count == Self.containersMax { answers = [:] }
        let name = naming.names(of: [container])[container.module]
        answers[container.module] = Answer(name: name, end: now + lifetime)
        return name
    }
}
