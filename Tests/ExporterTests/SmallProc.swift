import Foundation
import Procfs

/// The real /proc with but two of its processes, the first one and this one: links to what the kernel
/// shows, so that a scrape makes a hundred system calls and not thousands.
final class SmallProc {
    let procfs: ProcFS
    private let root: URL

    init() throws {
        root = FileManager.default.temporaryDirectory
            .appending(path: "tcptable-proc-\(UUID().uuidString)")
        procfs = ProcFS(root: root.path)
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        for name in ["1", "\(getpid())", "self", "thread-self", "sys", "stat"] {
            try FileManager.default.createSymbolicLink(
                atPath: root.appending(path: name).path, withDestinationPath: "/proc/\(name)")
        }
    }

    deinit { try? FileManager.default.removeItem(at: root) }
}
