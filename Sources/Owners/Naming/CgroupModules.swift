import TCPModel

/// A cgroup's number in one scrape; 0 is none.
struct CgroupNumber: Equatable {
    fileprivate let rawValue: UInt16

    static let none = CgroupNumber(rawValue: 0)
}

/// The cgroups that sockets were created in, and the modules that their paths mean.
struct CgroupModules {
    private let directories: any CgroupDirectories

    /// The cgroups met in this scrape; the first is none.
    private var ids: [CgroupID?] = [nil]
    private var numbers: [CgroupID: UInt16] = [:]
    /// The last answer: rows of one cgroup follow each other.
    private var last: (id: CgroupID?, number: CgroupNumber) = (nil, .none)
    /// What is known of cgroups that were asked about; nil for those that are no module, or were not
    /// found.
    private var modules: [CgroupID: ModuleIdentity?] = [:]
    /// The cgroups of socket units, with the service that a unit with `Accept=yes` starts for each
    /// connection.
    private var templates: [CgroupID: ModuleIdentity] = [:]

    init(_ directories: any CgroupDirectories) { self.directories = directories }

    mutating func beginScrape() {
        ids = [nil]
        numbers.removeAll(keepingCapacity: true)
        last = (nil, .none)
    }

    /// A small number for a cgroup. Beyond 65,535 cgroups it is none: their sockets are then attributed
    /// by their holders alone.
    mutating func number(of id: CgroupID?) -> CgroupNumber {
        if last.id == id { return last.number }
        guard let id else { return .none }
        var number = numbers[id] ?? 0
        if number == 0, ids.count <= UInt16.max {
            number = UInt16(ids.count)
            ids.append(id)
            numbers[id] = number
        }
        last = (id, CgroupNumber(rawValue: number))
        return last.number
    }

    subscript(number: CgroupNumber) -> CgroupID? { ids[Int(number.rawValue)] }

    /// Finds the modules of cgroups that are not known yet, and forgets those that nobody asks about.
    ///
    /// - Parameter table: The modules that live. That a socket unit starts a service for each connection
    ///   shows in those, or in the slice that systemd made for the first one.
    mutating func resolve(_ wanted: Set<CgroupID>, _ table: ModuleTable) {
        modules = modules.filter { wanted.contains($0.key) }
        templates = templates.filter { wanted.contains($0.key) }
        let unknown = wanted.filter { modules[$0] == nil && $0 != directories.rootID }
        if !unknown.isEmpty {
            let paths = directories.paths(of: unknown)
            for id in unknown { add(id, paths[id]) }
        }
        for (id, template) in templates where table.contains(template) {
            modules[id] = template
            templates[id] = nil
        }
    }

    private mutating func add(_ id: CgroupID, _ path: [UInt8]?) {
        let module = path.flatMap(ModuleIdentity.init(cgroupPath:))
        modules[id] = module
        guard let path, let unit = SocketUnit(cgroupPath: path),
            let template = module?.template(for: unit)
        else { return }
        if let slice = unit.instancesSlice, directories.contains(slice) {
            modules[id] = template
        } else {
            templates[id] = template
        }
    }

    /// The service or container of a cgroup that was resolved; nil when it is neither, or gone.
    func module(of cgroup: CgroupID) -> ModuleIdentity? { modules[cgroup] ?? nil }
}
