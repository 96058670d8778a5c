import Configuration
import Patterns
import TCPModel
import WebConfiguration

@testable import ModuleMap

extension FuzzTarget {
    /// A document that was read must be the same after it was written out again, every text in quotes.
    static let yaml = FuzzTarget(name: "yaml") { input in
        let document: YAMLNode?
        do throws(ConfigurationProblem) {
            document = try YAMLReader.read(input)
        } catch {
            checkLine(error, input)
            return
        }
        guard let document else { return }
        let written = document.rewritten
        do throws(ConfigurationProblem) {
            let again = try YAMLReader.read(Array(written.utf8))
            require(again?.rewritten == written, "written as \(written)")
        } catch {
            fatalError("\(error): \(written)")
        }
    }

    /// What a configuration lets pass can be used as it is.
    static let webConfiguration = FuzzTarget(name: "web-configuration") { input in
        guard let configuration = try? WebConfiguration(parsing: input, path: "/etc/web.yml") else {
            return
        }
        for header in configuration.headers {
            require(
                header.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F },
                "a header that could end early: \(header)")
        }
        if let limit = configuration.rateLimit {
            require(limit.intervalSeconds > 0 && limit.intervalSeconds.isFinite, "\(limit)")
            require(limit.burst >= 1, "\(limit)")
        }
        for (name, hash) in configuration.users.hashes {
            require(!name.contains(UInt8(ascii: ":")), "\(name) cannot log in")
            require(hash.cost <= configuration.users.highestCost, "\(hash.cost)")
        }
        let again = try? WebConfiguration(parsing: input, path: "/etc/web.yml")
        require(again == configuration, "another time it is another one")
    }

    /// A map's rules, asked about two processes.
    static let moduleMap = FuzzTarget(name: "module-map") { input in
        let map: ModuleMap
        do throws(ConfigurationProblem) {
            map = try ModuleMap(parsing: input, users: { $0 == "www-data" ? 33 : nil })
        } catch {
            checkLine(error, input)
            return
        }
        require(map.rules.count <= ModuleMap.rulesMax, "\(map.rules.count) rules")
        for facts in [program, service] {
            var reader = FactReader(FixedDetails(), until: nil)
            for rule in map.rules.prefix(8) {
                guard case .match(let name) = rule.outcome(of: facts, &reader) else { continue }
                require(!name.isEmpty, "a name without bytes")
                require(name.count <= NameTemplate.nameByteCountMax, "\(name.count) bytes")
                require(!facts.hasModule || rule.cgroup != nil, "a rule about no cgroup")
            }
        }
    }

    private static let program = ProcessFacts(
        process: ProcessID(rawValue: 812), executable: Array("/usr/lib/jvm/bin/java".utf8),
        cgroups: [CgroupMembership(controllers: "", path: Array("/user.slice".utf8))],
        hasModule: false)

    private static let service = ProcessFacts(
        process: ProcessID(rawValue: 813), executable: Array("/usr/bin/python3.11".utf8),
        cgroups: [
            CgroupMembership(
                controllers: "", path: Array("/system.slice/system-app.slice/app@7.service".utf8))
        ],
        hasModule: true)

    private static func checkLine(_ problem: ConfigurationProblem, _ input: [UInt8]) {
        guard let line = problem.line else { return }
        // Every byte could be a line break.
        require((1...input.count + 1).contains(line), "line \(line) of \(input.count) bytes")
    }
}

private struct FixedDetails: ProcessDetails {
    func userID(of process: ProcessID) -> UInt32 { 33 }

    func commandLine(of process: ProcessID, byteCountMax: Int, within timeMax: Duration) -> [UInt8]
    {
        Array("java\0-Dname=shop\0-jar\0/srv/shop.jar\0--port=8080\0".utf8.prefix(byteCountMax))
    }
}

extension YAMLNode {
    /// In brackets and quotes, which need no indentation.
    fileprivate var rewritten: String {
        switch content {
        case .scalar(let scalar): quoted(scalar.text)
        case .sequence(let elements): "[" + elements.map(\.rewritten).joined(separator: ", ") + "]"
        case .mapping(let entries):
            "{"
                + entries.map { "? \(quoted($0.key)) : \($0.value.rewritten)" }.joined(
                    separator: ", ")
                + "}"
        }
    }
}

/// Every character but ASCII letters and digits by its number.
private func quoted(_ text: String) -> String {
    let characters = text.unicodeScalars.map { scalar in
        let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.value == 0x20)
        let digits = String(scalar.value, radix: 16)
        return isPlain
            ? String(scalar) : "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
    }
    return "\"" + characters.joined() + "\""
}
