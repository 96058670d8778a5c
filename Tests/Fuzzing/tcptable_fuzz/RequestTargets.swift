import Exposition

@testable import Exporter
@testable import MetricsServer

extension FuzzTarget {
    /// A request by lines: target, Accept, Accept-Encoding, timeout, and then header names and values in
    /// turn. Each part must mean the same after it was written out again.
    static let request = FuzzTarget(name: "request") { input in
        let lines = input.split(separator: 0x0A, maxSplits: 64, omittingEmptySubsequences: false)
            .map(Array.init)
        let texts = lines.map { String(decoding: $0, as: UTF8.self) }
        func text(_ index: Int) -> String? { index < texts.count ? texts[index] : nil }
        let names = texts.enumerated().dropFirst(4).filter { $0.offset % 2 == 0 }
        let pairs = names.map { (name: $0.element, value: text($0.offset + 1) ?? "") }
        checkPreferences(text(1) ?? "")
        checkTimeout(text(3))
        checkHeaders(pairs)
        guard let target = checkedTarget(lines[0]) else { return }
        let headers = [("Accept", text(1)), ("Accept-Encoding", text(2))].compactMap {
            name, value in
            value.map { (name: name, value: $0) }
        }
        let request = HTTPRequest(
            method: "GET", path: target.path, query: target.query, headers: headers)
        let enabled: Set<CollectorName> = [.state, .module, .queue]
        do throws(CollectorChoice.Refusal) {
            let variant = try ResponseVariant(request, of: enabled)
            let all = enabled.reduce(into: ExpositionParts()) { $0.formUnion($1.part) }
            require(variant.parts.isSubset(of: all), "a collector that is switched off")
        } catch {
            require(
                error.description.utf8.allSatisfy { (0x20...0x7E).contains($0) },
                "more than a line: \(error)")
        }
    }

    /// The address that a text was read as must be read back from its description.
    static let listenAddress = FuzzTarget(name: "listen-address") { input in
        let text = String(decoding: input, as: UTF8.self)
        do throws(ListenAddressError) {
            let address = try ListenAddress(parsing: text)
            let again = try? ListenAddress(parsing: address.description)
            require(again == address, "\(address) is read as \(String(describing: again))")
            if case .unix(let path, let mode) = address.endpoint {
                require(!path.text.isEmpty && mode <= 0o777, "\(address)")
            }
        } catch {
            require(
                !error.description.unicodeScalars.contains { $0.value < 0x20 },
                "more than a line: \(error)")
        }
    }

    private static func checkedTarget(_ bytes: [UInt8]) -> RequestTarget? {
        guard let target = RequestTarget(bytes) else { return nil }
        require(!target.path.isEmpty, "a path without bytes")
        let query = target.query.map { "\(escaped($0.name))=\(escaped($0.value))" }
        let written = escaped(target.path) + "?" + query.joined(separator: "&")
        let again = RequestTarget(Array(written.utf8))
        require(again?.path == target.path, "the path of \(written)")
        require(again?.query.elementsEqual(target.query, by: ==) == true, "the query of \(written)")
        return target
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func checkPreferences(_ header: String) {
        let list = PreferenceList(parsing: header)
        let written = list.elements.map { element in
            let version = element.version.map { ";version=\($0)" } ?? ""
            // A very small number would have an exponent.
            let isDecimal = !element.quality.description.contains("e")
            return element.name + version + ";q=" + (isDecimal ? "\(element.quality)" : "0")
        }
        let again = PreferenceList(parsing: written.joined(separator: ","))
        require(
            again.elements.elementsEqual(list.elements) { a, b in
                a.name == b.name && a.version == b.version && abs(a.quality - b.quality) < 0.001
            }, "\(list.elements) is read as \(again.elements)")
        for element in list.elements {
            require((0...1).contains(element.quality), "\(element)")
            require(!element.name.isEmpty, "\(element)")
        }
    }

    private static func checkTimeout(_ header: String?) {
        guard let seconds = ScrapeDeadline.seconds(header) else { return }
        require(seconds > 0 && seconds <= 3600, "\(seconds) s")
    }

    /// Compared with what RFC 9110, section 5.6.2, and RFC 9112, section 6.3, say, in plain words.
    private static func checkHeaders(_ pairs: [(name: String, value: String)]) {
        let none = RequestHead.Part(start: 0, byteCount: 0)
        let head = RequestHead(
            methodText: "GET", method: none, target: none, version: none,
            fields: pairs.map {
                RequestHead.Field(name: $0.name, value: $0.value, namePart: none, valuePart: none)
            }, byteCount: 0)
        let names = pairs.map { String(decoding: $0.name.utf8.map(lower), as: UTF8.self) }
        let token = Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz".utf8)
        let bodies = zip(names, pairs).filter {
            ["content-length", "transfer-encoding"].contains($0.0)
        }
        let isClear =
            names.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(token.contains) }
            && pairs.allSatisfy { $0.value.utf8.allSatisfy { ($0 > 31 && $0 != 127) || $0 == 9 } }
            && names.count { $0 == "host" } < 2 && bodies.count < 2
            && bodies.allSatisfy { name, pair in
                name == "content-length" || pair.value.utf8.map(lower) == Array("chunked".utf8)
            }
        require(head.isUnambiguous == isClear, "\(pairs)")
        let request = HTTPRequest(method: "GET", path: "/", headers: pairs)
        for name in names {
            let values = zip(names, pairs).filter { $0.0.utf8.elementsEqual(name.utf8) }.map(
                \.1.value)
            require(request.header(name) == values.joined(separator: ", "), name)
        }
    }

    private static func lower(_ byte: UInt8) -> UInt8 { 65...90 ~= byte ? byte + 32 : byte }
}
