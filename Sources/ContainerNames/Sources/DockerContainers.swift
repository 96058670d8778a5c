import TCPModel

/// Docker's containers, by the file that its daemon keeps of each (`containers/ID/config.v2.json`).
struct DockerContainers {
    /// Docker's data root, `/var/lib/docker`.
    let root: String

    /// The file holds the container's environment, with whatever secrets are in it: nothing of the rest
    /// is kept.
    static let byteCountMax = 1 << 20

    func name(of id: [UInt8]) throws(LookupFailure) -> ContainerName {
        let file = try TrustedDirectory("\(root)/containers").directory(id)
            .contents(of: Array("config.v2.json".utf8), byteCountMax: Self.byteCountMax)
        guard let text = JSONText(file), let path = text.string("Name"),
            path.first == UInt8(ascii: "/")
        else { throw .invalid }
        let name = Array(path.dropFirst())
        guard name.isRuntimeName else { throw .invalid }
        return .runtime(.docker, Self.service(text, name) ?? name)
    }

    /// The service that the container is a replica of. An image can have any label: those of Compose and
    /// Swarm are believed where the container's name, which no image chooses, agrees.
    private static func service(_ text: borrowing JSONText, _ name: [UInt8]) -> [UInt8]? {
        func label(_ key: String) -> [UInt8]? {
            text.string("Config", "Labels", key).flatMap { $0.isRuntimeName ? $0 : nil }
        }
        if let project = label("com.docker.compose.project"),
            let service = label("com.docker.compose.service"),
            let number = label("com.docker.compose.container-number")
        {
            for separator in [UInt8(ascii: "-"), UInt8(ascii: "_")]
            where name == project + [separator] + service + [separator] + number {
                return project + [UInt8(ascii: "/")] + service
            }
        }
        if let service = label("com.docker.swarm.service.name"),
            let task = label("com.docker.swarm.task.id")
        {
            let dot = UInt8(ascii: ".")
            let parts = name.split(separator: dot, omittingEmptySubsequences: false)
            if parts.count >= 3, parts[parts.count - 1].elementsEqual(task),
                parts.dropLast(2).joined(separator: [dot]).elementsEqual(service)
            {
                return service
            }
        }
        return nil
    }
}
