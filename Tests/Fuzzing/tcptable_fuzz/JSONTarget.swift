@testable import ContainerNames

extension FuzzTarget {
    /// A container's file. What Python's parser says about the inputs that this one keeps, `fuzz` compares.
    static let json = FuzzTarget(name: "json") { input in
        guard let text = JSONText(input) else { return }
        let strings = [
            text.string("Name"), text.string("Config", "Labels", "com.docker.compose.service"),
            text.string("annotations", "io.kubernetes.cri.sandbox-name"),
        ]
        for string in strings.compactMap(\.self) {
            require(!string.contains(0), "a zero in \(string)")
            require(String(validating: string, as: UTF8.self) != nil, "\(string) is no UTF-8")
        }
    }
}
