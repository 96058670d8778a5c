import CTestSupport
import Foundation
import SystemPackage

/// What `testrun` reports (Tests/Programs/testrun/main.c, `struct report`).
struct Report {
    static let byteCount = 40
    static let started: Int64 = 1

    let kind: Int64
    let value: Int64
    let peakResidentBytes: Int64
    let userMicroseconds: Int64
    let systemMicroseconds: Int64

    /// Reads one report; a pipe delivers it whole, as it is written whole.
    init(from pipe: FileDescriptor) throws {
        var fields = [Int64](repeating: 0, count: Report.byteCount / 8)
        let count = try unsafe fields.withUnsafeMutableBytes { try unsafe pipe.read(into: $0) }
        guard count == Report.byteCount else {
            throw SupportError(what: "testrun ended without a report", cause: .brokenPipe)
        }
        kind = fields[0]
        value = fields[1]
        peakResidentBytes = fields[2]
        userMicroseconds = fields[3]
        systemMicroseconds = fields[4]
    }
}

/// Reads the first report: the program's process id, or why it could not be started.
func started(_ executable: String, _ reports: FileDescriptor, _ launcher: pid_t) throws -> Int32 {
    do {
        let report = try Report(from: reports)
        if report.kind == Report.started { return Int32(report.value) }
        throw SupportError(
            what: "cannot run \(executable)", cause: Errno(rawValue: Int32(report.value)))
    } catch {
        waitpid(launcher, nil, 0)
        throw error
    }
}

/// Spawns `testrun` with these as its descriptors 0, 1, 2 and so on.
func spawn(
    _ launcher: String, _ arguments: [String], _ environment: [String: String],
    _ descriptors: [FileDescriptor]
) throws -> pid_t {
    var processID: pid_t = 0
    let variables = environment.map { "\($0)=\($1)" }
    let error = unsafe withCStrings([launcher] + arguments) { arguments in
        unsafe withCStrings(variables) { variables in
            unsafe test_spawn(
                &processID, launcher, arguments, variables, descriptors.map(\.rawValue),
                Int32(descriptors.count))
        }
    }
    if error == 0 { return processID }
    throw SupportError(what: "cannot spawn \(launcher)", cause: Errno(rawValue: error))
}

/// Lends a null-terminated array of C strings, as `argv` is.
private func withCStrings<T>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> T
) -> T {
    var pointers = unsafe strings.map { unsafe strdup($0) }
    defer { unsafe pointers.forEach { unsafe free($0) } }
    unsafe pointers.append(nil)
    return unsafe pointers.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { preconditionFailure("never empty") }
        return unsafe body(base)
    }
}

/// The whole of a file in memory, at no cost to the offset of those who write it.
func contents(of file: FileDescriptor) -> String {
    var status = stat()
    guard unsafe fstat(file.rawValue, &status) == 0 else { return "" }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    let count = unsafe bytes.withUnsafeMutableBytes {
        (try? unsafe file.read(fromAbsoluteOffset: 0, into: $0)) ?? 0
    }
    return String(decoding: bytes.prefix(count), as: UTF8.self)
}

/// Descriptors made for a child, all close-on-exec and 10 or greater, so that numbering them from 0
/// in the child overwrites none of them.
struct DescriptorSet {
    private var open: [FileDescriptor] = []

    mutating func pipe() throws -> (read: FileDescriptor, write: FileDescriptor) {
        var ends: [Int32] = [0, 0]
        _ = try check(unsafe test_open_pipe(&ends), "cannot open a pipe")
        return (try raise(ends[0]), try raise(ends[1]))
    }

    mutating func memoryFile() throws -> FileDescriptor {
        try raise(try check(test_open_memory_file(), "cannot open a file in memory"))
    }

    /// The reading end of the child's standard input, and the end to write it, if it is a pipe.
    mutating func inputEnds(
        _ input: String?
    ) throws -> (read: FileDescriptor, write: FileDescriptor?) {
        guard let input else {
            let ends = try pipe()
            return (ends.read, ends.write)
        }
        let file = try memoryFile()
        try file.writeAll(toAbsoluteOffset: 0, input.utf8)
        return (file, nil)
    }

    mutating func close(_ descriptor: FileDescriptor) {
        open.removeAll { $0 == descriptor }
        try? descriptor.close()
    }

    mutating func closeAll() {
        for descriptor in open { try? descriptor.close() }
        open = []
    }

    private mutating func raise(_ low: Int32) throws -> FileDescriptor {
        let high = fcntl(low, F_DUPFD_CLOEXEC, 10)
        let error = currentErrno()
        Glibc.close(low)
        guard high >= 0 else {
            throw SupportError(what: "cannot duplicate a descriptor", cause: error)
        }
        open.append(FileDescriptor(rawValue: high))
        return FileDescriptor(rawValue: high)
    }
}
