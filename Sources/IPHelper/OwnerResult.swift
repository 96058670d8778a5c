import CIPHelper
import TCPTable

/// The owner of a row, as `GetOwnerModuleFromTcpEntry` returns it.
struct OwnerResult {
    private let name: [UInt16]
    private let path: [UInt16]

    /// If the caller is not permitted to inspect the owner, the path is empty, and so is the name unless
    /// the socket's cgroup is a service or a container.
    init(of entry: some OwnerModuleEntry) throws(OwnerError) {
        let token = entry.token
        guard let process = entry.process else {
            try self.init(withoutProcess: token)
            return
        }
        do throws(OwnerError) {
            let owner = try process.owner(ofSocketIn: token.cgroup)
            self.init(name: owner.module.name, path: owner.path)
        } catch .protected {
            self.init(name: token.cgroupModule?.name ?? "", path: "")
        }
    }

    private init(withoutProcess token: OwnerToken) throws(OwnerError) {
        let module = token.cgroupModule
        switch token.absence {
        case .gone where module == nil: throw .changed(process: 0)
        case .nobody where module == nil: throw .notFound(process: nil)
        default: self.init(name: module?.name ?? "", path: "")
        }
    }

    private init(name: String, path: String) {
        self.name = Array(name.utf16) + [0]
        self.path = Array(path.utf16) + [0]
    }

    /// Writes the structure, followed by the strings it points to.
    func write(to buffer: CallerBuffer) -> DWORD {
        typealias Info = TCPIP_OWNER_MODULE_BASIC_INFO
        let nameOffset = unsafe MemoryLayout<Info>.size
        let pathOffset = nameOffset + name.count * MemoryLayout<WCHAR>.stride
        let end = pathOffset + path.count * MemoryLayout<WCHAR>.stride
        return unsafe buffer.write(end) { bytes in
            let (nameBytes, pathBytes) = unsafe (bytes[nameOffset...], bytes[pathOffset...])
            unsafe name.withUnsafeBytes { unsafe nameBytes.copyBytes(from: $0) }
            unsafe path.withUnsafeBytes { unsafe pathBytes.copyBytes(from: $0) }
            let info = unsafe Info(
                pModuleName: Self.string(nameBytes), pModulePath: Self.string(pathBytes))
            unsafe bytes.storeBytes(of: info, as: Info.self)
        }
    }

    private static func string(_ bytes: Slice<UnsafeMutableRawBufferPointer>) -> PWCHAR? {
        unsafe UnsafeMutableRawBufferPointer(rebasing: bytes).baseAddress?
            .assumingMemoryBound(to: WCHAR.self)
    }
}

/// Writes the owner of an entry, which may have any alignment. Checks the arguments first.
func writeOwner<Entry: OwnerModuleEntry>(
    _ entry: UnsafeMutablePointer<Entry>?, _ infoClass: TCPIP_OWNER_MODULE_INFO_CLASS,
    _ buffer: CallerBuffer?
) -> DWORD {
    guard let entry = unsafe entry, infoClass == TCPIP_OWNER_MODULE_INFO_BASIC,
        let buffer = unsafe buffer
    else { return ERROR_INVALID_PARAMETER }
    var copy = Entry()
    unsafe withUnsafeMutableBytes(of: &copy) { copy in
        unsafe copy.copyMemory(from: UnsafeRawBufferPointer(start: entry, count: copy.count))
    }
    do throws(OwnerError) {
        return unsafe try OwnerResult(of: copy).write(to: buffer)
    } catch {
        return error.code
    }
}
