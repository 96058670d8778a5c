import TCPModel

/// Containers of Podman and CRI-O, by the command line of conmon, the process that each one has as an
/// ancestor: `-c ID -n NAME`.
struct ConmonContainers {
    let processes: any ProcessInformation
    let details: any ProcessDetails

    /// Ancestors that are looked at; a container's first process is conmon's child.
    static let ancestorsMax = 64
    static let byteCountMax = 16_384
    /// An answer takes microseconds.
    static let timeMax = Duration.milliseconds(20)

    /// What is inside a container can make another conmon of itself, but no ancestor of its real one:
    /// the outermost with the ID counts. One of the system's containers is root's.
    func name(of container: ContainerFacts) throws(LookupFailure) -> [UInt8] {
        guard var process = container.process else { throw .notFound }
        var name: [UInt8]?
        do throws(FileError) {
            for _ in 0..<Self.ancestorsMax {
                let parent = try processes.statistics(of: process).parent
                guard parent.rawValue > 1 else { break }
                process = parent
                if let found = try self.name(of: container, conmon: process) { name = found }
            }
        } catch {
            if name == nil { throw LookupFailure(error) }
        }
        guard let name else { throw .notFound }
        guard name.isRuntimeName else { throw .invalid }
        return name
    }

    private func name(
        of container: ContainerFacts, conmon: ProcessID
    ) throws(FileError) -> [UInt8]? {
        guard try processes.statistics(of: conmon).command.elementsEqual("conmon".utf8) else {
            return nil
        }
        if !container.isUsers, try details.userID(of: conmon) != 0 { return nil }
        let arguments = try details.commandLine(
            of: conmon, byteCountMax: Self.byteCountMax, within: Self.timeMax
        )
        .split(separator: 0, omittingEmptySubsequences: false)
        func value(_ option: String) -> [UInt8]? {
            guard let index = arguments.firstIndex(where: { $0.elementsEqual(option.utf8) }),
                index + 1 < arguments.count
            else { return nil }
            return Array(arguments[index + 1])
        }
        return value("-c") == container.container.id ? value("-n") : nil
    }
}

extension LookupFailure {
    /// A process that is gone, or what is no process, names nothing.
    fileprivate init(_ error: FileError) {
        if case .errno(let errno) = error.cause { self.init(errno) } else { self = .notFound }
    }
}
