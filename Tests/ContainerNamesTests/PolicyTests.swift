import Foundation
import HostFakes
import TestSupport
import Testing

@testable import ContainerNames
@testable import TCPModel

/// When names are looked up.
struct PolicyTests {
    private let containers: MadeUpContainers

    init() throws { containers = try MadeUpContainers() }

    private func putDocker(_ name: String, _ number: Int = 0) throws {
        try containers.putDocker(#"{"Name": "/\#(name)"}"#, number)
    }

    @Test func aNameIsLookedUpOnceInSixtyFourCalls() throws {
        try putDocker("web")
        #expect(containers.name(.docker) == "docker-web")
        try putDocker("renamed")
        for _ in 1..<64 { #expect(containers.name(.docker) == "docker-web") }
        #expect(containers.name(.docker) == "docker-renamed")
    }

    @Test func whatWasNotFoundIsLookedUpWithGrowingDistance() throws {
        var callsOfLookups: [Int] = []
        // Calls 0, 1, 3, 7 and so on look: what is put there before call 4 is found by call 7.
        for call in 0...7 {
            if call == 4 { try putDocker("late") }
            if containers.name(.docker) != nil { callsOfLookups.append(call) }
        }
        #expect(callsOfLookups == [7])
    }

    @Test func aLostNameIsTheIDAgain() throws {
        try putDocker("web")
        #expect(containers.name(.docker) == "docker-web")
        try containers.tree.remove("docker/containers/\(MadeUpContainers.id())")
        for _ in 1..<64 { #expect(containers.name(.docker) == "docker-web") }
        #expect(containers.name(.docker) == nil)
    }

    @Test func whatIsGoneIsForgotten() throws {
        try putDocker("web")
        #expect(containers.name(.docker) == "docker-web")
        #expect(containers.names.names(of: []).isEmpty)
        #expect(containers.results == [:])
        try putDocker("again")
        #expect(containers.name(.docker) == "docker-again")
    }

    @Test(.mustEnd)
    func aThousandNewContainersAreNamedInAFewCalls() throws {
        let containers = try MadeUpContainers(isPatient: false)
        let facts = (0..<1000).compactMap { MadeUpContainers.facts(.docker, $0) }
        for number in 0..<1000 {
            try containers.putDocker(#"{"Name": "/c\#(number)"}"#, number)
        }
        var calls = 0
        var names: [ModuleIdentity: ContainerName] = [:]
        while names.count < 1000 {
            let before = names.count
            names = containers.names.names(of: facts)
            #expect(names.count - before <= LocalContainerNames.lookupsMax)
            #expect(names.count == containers.results["named"] ?? 0)
            #expect(containers.results.values.reduce(0, +) == 1000)
            calls += 1
        }
        #expect(calls >= 4)
        let last = try #require(facts.last)
        #expect(names[last.module]?.text == "docker-c999")
    }

    @Test(arguments: [
        ModuleIdentity.service(unit: Array("a.service".utf8)),
        .container(ContainerIdentity(runtime: .lxc, id: Array("web".utf8))),
        .container(ContainerIdentity(runtime: .docker, id: Array("../../etc/passwd".utf8))),
        .container(
            ContainerIdentity(runtime: .docker, id: [UInt8](repeating: 0x41, count: 64))),
        .container(ContainerIdentity(runtime: .docker, id: [UInt8](repeating: 0x2f, count: 64))),
    ])
    func onlyIDsAreLookedUp(_ module: ModuleIdentity) {
        #expect(ContainerFacts(module, process: nil) == nil)
    }
}

/// Files that are not what a runtime makes.
struct HostileFileTests {
    private let containers: MadeUpContainers
    private var directory: String { "docker/containers/\(MadeUpContainers.id())" }

    init() throws { containers = try MadeUpContainers() }

    @Test(.mustEnd) func aPipeIsNotWaitedFor() throws {
        try containers.tree.makeDirectory(directory)
        let path = containers.tree.path("\(directory)/config.v2.json")
        let isMade = unsafe mkfifo(path, 0o600) == 0
        #expect(isMade)
        #expect(containers.name(.docker) == nil)
        #expect(containers.results == ["invalid": 1])
    }

    @Test func noLinkIsFollowed() throws {
        try containers.tree.write("elsewhere/config.v2.json", #"{"Name": "/web"}"#)
        try containers.tree.link(directory, to: containers.tree.path("elsewhere"))
        #expect(containers.name(.docker) == nil)
        #expect(containers.results == ["invalid": 1])
        try containers.tree.link(
            "docker/containers/\(MadeUpContainers.id(1))/config.v2.json",
            to: containers.tree.path("elsewhere/config.v2.json"))
        #expect(containers.name(.docker, 1) == nil)
        #expect(containers.results == ["invalid": 1])
    }

    /// The administrator may have moved Docker's directory.
    @Test func theRootItselfMayBeALink() throws {
        try containers.tree.write(
            "moved/containers/\(MadeUpContainers.id())/config.v2.json", #"{"Name": "/web"}"#)
        try containers.tree.link("docker", to: containers.tree.path("moved"))
        #expect(containers.name(.docker) == "docker-web")
    }

    @Test(.enabled(if: geteuid() == 0), arguments: ["", "/config.v2.json"])
    func whatBelongsToAnotherIsNotBelieved(_ part: String) throws {
        try containers.putDocker(#"{"Name": "/web"}"#)
        let isGiven = unsafe chown(containers.tree.path(directory + part), 1234, 1234) == 0
        #expect(isGiven)
        #expect(containers.name(.docker) == nil)
        #expect(containers.results == ["invalid": 1])
    }

    @Test func aDirectoryInPlaceOfAFileIsNoFile() throws {
        try containers.tree.makeDirectory("\(directory)/config.v2.json")
        #expect(containers.name(.docker) == nil)
        #expect(containers.results == ["invalid": 1])
    }

    @Test func aFileOfFourMegabytesIsNotRead() throws {
        let environment = String(repeating: "x", count: 4 << 20)
        try containers.putDocker(#"{"Env": ["\#(environment)"], "Name": "/web"}"#)
        #expect(containers.name(.docker) == nil)
        #expect(containers.results == ["limited": 1])
        // What is there otherwise is read to its limit.
        let rest = String(repeating: " ", count: DockerContainers.byteCountMax - 16)
        try containers.putDocker(#"{"Name": "/web"}"# + rest, 1)
        let docker = DockerContainers(root: containers.tree.path("docker"))
        let name = try docker.name(of: Array(MadeUpContainers.id(1).utf8))
        #expect(name == .runtime(.docker, Array("web".utf8)))
    }

    @Test(.mustEnd) func noNestingIsTooDeep() throws {
        for piece in ["[", "{\"a\":"] {
            let count = DockerContainers.byteCountMax / piece.utf8.count
            try containers.putDocker(String(repeating: piece, count: count))
            #expect(containers.name(.docker) == nil)
        }
    }
}
