import HostFakes
import TCPModel
import Testing

/// Docker's file of a container.
struct DockerTests {
    private let containers: MadeUpContainers

    init() throws { containers = try MadeUpContainers() }

    private func name(_ name: String, _ labels: [String: String] = [:]) throws -> String? {
        let texts = labels.map { "\"\($0)\": \"\($1)\"" }.joined(separator: ", ")
        try containers.putDocker(
            """
            {"ID": "x", "Config": {"Env": ["SECRET=1"], "Labels": {\(texts)}}, "Name": "/\(name)"}
            """)
        return containers.name(.docker)
    }

    private static func compose(_ project: String, _ service: String, _ number: String) -> [String:
        String]
    {
        [
            "com.docker.compose.project": project, "com.docker.compose.service": service,
            "com.docker.compose.container-number": number,
        ]
    }

    @Test func aContainerIsCalledByItsName() throws {
        #expect(try name("web") == "docker-web")
        #expect(containers.results == ["named": 1])
    }

    @Test(arguments: ["shop-api-1", "shop_api_1"])
    func aReplicaOfComposeIsItsService(_ text: String) throws {
        #expect(try name(text, Self.compose("shop", "api", "1")) == "docker-shop/api")
    }

    /// An image brings any label, but it does not choose the container's name.
    @Test(arguments: ["web", "shop-api-2", "shop-api", "xshop-api-1", "shop.api.1", "shop-api_1"])
    func labelsThatContradictTheNameAreNotBelieved(_ text: String) throws {
        #expect(try name(text, Self.compose("shop", "api", "1")) == "docker-\(text)")
    }

    @Test(arguments: [
        ("web.1.t4sk", "docker-web"), ("web.n0de.t4sk", "docker-web"),
        ("web.1.other", "docker-web.1.other"), ("other.1.t4sk", "docker-other.1.t4sk"),
        ("web.t4sk", "docker-web.t4sk"),
    ])
    func aTaskOfSwarmIsItsService(_ text: String, _ expected: String) throws {
        let labels = [
            "com.docker.swarm.service.name": "web", "com.docker.swarm.task.id": "t4sk",
        ]
        #expect(try name(text, labels) == expected)
    }

    @Test(arguments: [
        "", "-web", ".web", "we b", "we\\u000ab", "w\\\"b", "../web", "web/", "é", "we\\u0000b",
    ])
    func whatIsNoNameIsNone(_ text: String) throws {
        #expect(try name(text) == nil)
        #expect(containers.results == ["invalid": 1])
    }

    @Test(arguments: [
        "", "{", "[]", "null", "{\"Name\": 3}", "{\"Name\": \"web\"}", "{\"Name\": \"/web\"} x",
        "{\"Name\": \"/web\", \"Name\": \"/db\"}",
        "{\"Name\": \"/web\", \"a\": {\"b\": 1, \"b\": 2}}",
        "{\"Name\": \"/web\"", "{'Name': '/web'}", "{\"Name\": [\"/web\"]}",
    ])
    func whatDockerDoesNotWriteNamesNothing(_ text: String) throws {
        try containers.putDocker(text)
        #expect(containers.name(.docker) == nil)
        #expect(containers.results == ["invalid": 1])
    }

    @Test func everyCutFileNamesNothing() throws {
        let text = #"{"Config": {"Labels": {"a": "b"}}, "Name": "/web"}"#
        for length in 0..<text.utf8.count {
            let containers = try MadeUpContainers()
            try containers.putDocker(String(text.prefix(length)))
            #expect(containers.name(.docker) == nil)
        }
    }

    @Test func aNameOf255BytesIsRead() throws {
        let long = String(repeating: "n", count: 255)
        #expect(try name(long) == "docker-\(long)")
    }
}
