import Foundation
import TestSupport
import Testing

extension SlowCommandTests {
    /// Containers of real runtimes, in namespaces of their own, by the names that people gave them.
    @Suite(.requires(.networkNamespaces), .requires(.tool("gcc")), .slow)
    struct RuntimeNames {
        /// Runs a script of `Runtimes`, which shows in each phase what the exporter says.
        private func phases(
            _ runtime: String, timeout: Duration = .seconds(120)
        ) throws -> Phases {
            let directory = try TemporaryDirectory()
            let runtimes = URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "Runtimes").path
            let listener = "\(directory.path)/listener"
            let source = "\(runtimes)/listener.c"
            let compiled = try run("gcc", ["-static", "-O1", "-o", listener, source])
            try #require(compiled.status == .exited(0), "\(compiled.standardError)")
            let result = try run(
                "\(runtimes)/\(runtime).sh", [directory.path, listener, exporter],
                timeout: timeout)
            try #require(result.status == .exited(0), "\(result.standardError)")
            return Phases(result.standardOutput)
        }

        @Test(.requires(.tool("dockerd")), .requires(.tool("python3")))
        func dockersContainersHaveTheirNames() throws {
            let phases = try phases("docker")
            let expected = ["docker-liar 1", "docker-shop/api 2", "docker-web 1"]
            #expect(try phases.containers("started") == expected)
            #expect(try phases.results("started") == ["named 4"])
            #expect(try phases.containers("private") == expected)
            #expect(
                try phases.containers("renamed")
                    == ["docker-front 1", "docker-liar 1", "docker-shop/api 2"])
            #expect(phases.lines("web", with: "docker-web").count == 1)
            #expect(phases.lines("replicas", with: "docker-shop/api").count == 2)
            #expect(phases.lines("replicas", with: "listen").count == 2)
            for (name, count) in [("docker-web", 1), ("docker-shop/api", 2), ("docker-liar", 1)] {
                #expect(phases.lines("library", with: " \(name) /listener").count == count)
            }
            // The same series, with other containers behind them.
            #expect(try phases.containers("recreated") == expected)
            #expect(try phases.text("recreated").series == phases.text("started").series)
            let ids = try phases.containers("off")
            #expect(ids.count == 4 && ids.allSatisfy { $0.contains(/^docker-[0-9a-f]{12} 1$/) })
            #expect(try phases.containers("elsewhere") == ids)
            #expect(try phases.results("elsewhere") == ["not_found 4"])
            #expect(try phases.containers("silent") == ids)
            #expect(try phases.results("silent") == ["limited 4"])
        }

        @Test(.requires(.tool("dockerd")))
        func networksOfDockersContainersAreCalledLikeThem() throws {
            let phases = try phases("docker-networks")
            let networks = ["blue 1", "docker-shop/api 2", "docker-web 1"]
            #expect(try phases.listeners("started", by: "netns") == networks)
            #expect(try phases.listeners("recreated", by: "netns") == networks)
            #expect(try phases.text("recreated").series == phases.text("started").series)
        }

        @Test(.requires(.tool("podman")), .requires(.tool("conmon")))
        func podmansContainersHaveTheirNames() throws {
            let phases = try phases("podman")
            for phase in ["started", "recreated"] {
                #expect(try phases.containers(phase) == ["podman-db 1", "podman-web 1"])
                #expect(try phases.results(phase) == ["named 2"])
            }
        }

        @Test(.requires(.tool("containerd")), .requires(.tool("ctr")))
        func containerdsContainersHaveTheirNames() throws {
            let phases = try phases("containerd")
            #expect(
                try phases.containers("started") == [
                    "containerd-web 1", "k8s-shop/api-1 1", "k8s-shop/api-1/api 1",
                    "k8s-shop/api-1/proxy 1",
                ])
            let info = try phases.text("started").samples("tcptable_module_info")
            let pod = info.filter { $0["k8s_pod_name"] == "api-1" }
            #expect(pod.count == 3 && pod.allSatisfy { $0["k8s_namespace_name"] == "shop" })
            #expect(Set(pod.map { $0["k8s_container_name"] }) == ["", "api", "proxy"])
            #expect(try phases.results("elsewhere") == ["not_found 4"])
            #expect(phases.lines("pods", with: "listen").count == 3)
            #expect(phases.lines("pods", with: "k8s-shop/api-1").count == 3)
            #expect(try phases.listeners("networks", by: "netns") == ["k8s-shop/api-2 1"])
        }

        /// Docker with the systemd driver, Podman as root, in a pod and of a user, LXC and nspawn. The unit as it
        /// is shipped has the rights to read their names.
        @Test(
            .requires(.root), .requires(.tool("systemd-nspawn")), .requires(.tool("mmdebstrap")))
        func containersBelowARealSystemdHaveTheirNames() throws {
            let phases = try phases("booted", timeout: .seconds(600))
            let expected = [
                "docker-db 1", "docker-web 1", "lxc-box 1", "machine-mail 1", "nspawn-post 1",
                "podman-api 1", "podman-cache 1",
            ]
            for phase in ["started", "recreated", "private"] {
                #expect(try phases.containers(phase) == expected)
                #expect(
                    try phases.containers(phase, kind: "user_container")
                        == ["1000/podman-mine 1"])
                #expect(try phases.results(phase) == ["named 5"])
            }
            #expect(try phases.text("recreated").series == phases.text("started").series)
            let networks = ["1000/podman-mine 1", "docker-web 1", "podman-shop-network 1"]
            for phase in ["networks", "networks-recreated"] {
                #expect(try phases.listeners(phase, by: "netns") == networks)
            }
            #expect(
                try phases.text("networks-recreated").series == phases.text("networks").series)
        }
    }
}

/// What a script showed, by its phase.
private struct Phases {
    private var texts: [String: String] = [:]

    init(_ output: String) {
        for phase in output.split(separator: "== ") {
            guard let end = phase.firstIndex(of: "\n") else { continue }
            texts[String(phase[..<end])] = String(phase[phase.index(after: end)...])
        }
    }

    func text(_ phase: String) throws -> MetricsText {
        let text = try MetricsText(Array(try #require(texts[phase]).utf8))
        #expect(text.conservationBreaches == [])
        return text
    }

    /// The lines that contain something.
    func lines(_ phase: String, with text: String) -> [Substring] {
        (texts[phase] ?? "").split(separator: "\n").filter { $0.contains(text) }
    }

    /// The listeners of each container.
    func containers(_ phase: String, kind: String = "container") throws -> [String] {
        try text(phase).samples("tcptable_module_connections")
            .filter { $0["kind"] == kind && $0["state"] == "listen" && $0["netns"] == "" }
            .map { "\($0["module"]) \(Int($0.value))" }
    }

    /// The listeners by the value of a label, where they have it.
    func listeners(_ phase: String, by label: String) throws -> [String] {
        try text(phase).samples("tcptable_connections")
            .filter { $0["state"] == "listen" && $0["family"] == "ipv4" && $0[label] != "" }
            .map { "\($0[label]) \(Int($0.value))" }
    }

    func results(_ phase: String) throws -> [String] {
        let samples = try text(phase).samples("tcptable_container_names")
        #expect(samples.count == 5)
        return samples.filter { $0.value > 0 }.map { "\($0["result"]) \(Int($0.value))" }
    }
}
