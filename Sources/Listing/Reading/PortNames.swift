import Glibc
import TCPModel

/// Ports by number and by the name of their service (`man 5 services`).
package enum PortNames {
    /// Reads `443`, `:443`, `8000-8999`, or a service's name.
    package static func ports(
        _ text: some StringProtocol
    ) throws(InvalidArgument) -> ClosedRange<UInt16> {
        let word = text.hasPrefix(":") ? String(text.dropFirst()) : String(text)
        if let port = port(word) { return port...port }
        let ends = word.split(separator: "-", omittingEmptySubsequences: false).map(port)
        if ends.count == 2, let first = ends[0], let last = ends[1], first <= last {
            return first...last
        }
        let isNumber = word.utf8.allSatisfy { 0x30...0x39 ~= $0 || $0 == UInt8(ascii: "-") }
        guard !isNumber, word.utf8.count <= nameByteCountMax else {
            throw InvalidArgument(
                description: "ports are from 1 to 65535, or a range such as 8000-8999")
        }
        let services = services()
        if let service = services.first(where: { $0.names.contains(word) }) {
            return service.port...service.port
        }
        let nearest = NearestNames.suffix(word, among: services.flatMap(\.names))
        throw InvalidArgument(
            description: "no TCP service '\(word)' in /etc/services\(nearest); ports are from 1 to "
                + "65535, a range such as 8000-8999, or a service's name")
    }

    /// The names of services by port.
    static func all() -> [UInt16: String] {
        Dictionary(
            services().map { ($0.port, $0.names[0]) }, uniquingKeysWith: { first, _ in first })
    }

    private static let nameByteCountMax = 64

    private static func port(_ digits: some StringProtocol) -> UInt16? {
        UInt16(decimal: digits).flatMap { $0 > 0 ? $0 : nil }
    }

    private struct Service {
        var port: UInt16
        /// The official name, then others.
        var names: [String]
    }

    /// The TCP services that this host knows.
    private static func services() -> [Service] {
        var services: [Service] = []
        var entry = unsafe servent()
        var buffer = [CChar](repeating: 0, count: 4096)
        setservent(1)
        defer { endservent() }
        // More than one for each port and protocol is no list of services.
        for _ in 0..<200_000 {
            var found: UnsafeMutablePointer<servent>?
            guard unsafe getservent_r(&entry, &buffer, buffer.count, &found) == 0,
                unsafe found != nil
            else { break }
            guard unsafe String(cString: entry.s_proto) == "tcp" else { continue }
            let port = unsafe UInt16(truncatingIfNeeded: entry.s_port).byteSwapped
            var names = unsafe [String(cString: entry.s_name)]
            var alias = unsafe entry.s_aliases
            while let next = unsafe alias?.pointee {
                unsafe names.append(String(cString: next))
                unsafe alias = alias?.advanced(by: 1)
            }
            services.append(Service(port: port, names: names))
        }
        return services
    }
}
