import CLinux
import Glibc
import Linux
package import SystemPackage

/// A way to iterate over the descriptors of all processes.
package protocol DescriptorIterating: Sendable {
    /// Begins an iteration.
    func start() throws(Errno) -> any DescriptorIteration
}

/// One iteration.
package protocol DescriptorIteration {
    /// The next records, whole ones; none at the end.
    ///
    /// - Throws: `EAGAIN` after a million descriptors without a record: the kernel wants to be asked again.
    func next() throws(Errno) -> [UInt8]
}

/// What an iteration tells of.
package enum IterationSubject: Sendable {
    /// Who holds sockets.
    case holders
    /// Kernel TLS on sockets that somebody holds.
    case kernelTLS

    fileprivate var program: any IteratorProgram.Type {
        switch self {
        case .holders: HolderProgram.self
        case .kernelTLS: KernelTLSProgram.self
        }
    }
}

/// Iterates over the descriptors of all processes of the caller's PID namespace, as the kernel has them:
/// also of threads with descriptors of their own, and of processes that /proc hides.
///
/// Making it needs `CAP_BPF` and `CAP_PERFMON`; iterating needs no right.
package final class DescriptorIterator: DescriptorIterating {
    /// As much as the kernel fills at once (`bpf_seq_read` in kernel/bpf/bpf_iter.c).
    private static let chunkByteCount = 32 * 1024
    /// Larger than any kernel's; those of 2026 have 6 MB.
    private static let typesByteCountMax = 64 << 20
    private static let typesPath = "/sys/kernel/btf/vmlinux"

    private let link: Descriptor

    /// Loads the program.
    package init(_ subject: IterationSubject) throws(DescriptorIteratorError) {
        let program = try Self.make(subject.program)
        let loaded = try Self.call(.load) {
            unsafe clinux_load_iterator(
                program.instructions, UInt32(program.instructions.count), program.function)
        }
        let number = loaded.rawValue
        link = try Self.call(.link) { clinux_link_iterator(number) }
    }

    package func start() throws(Errno) -> any DescriptorIteration {
        let link = link.rawValue
        return Stream(Descriptor(owning: try systemCall { clinux_open_iterator(link) }))
    }

    private final class Stream: DescriptorIteration {
        private let descriptor: Descriptor

        init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

        func next() throws(Errno) -> [UInt8] { try descriptor.read(byteCountMax: chunkByteCount) }
    }

    private static func make(
        _ program: any IteratorProgram.Type
    ) throws(DescriptorIteratorError) -> any IteratorProgram {
        let types: [UInt8]
        do throws(Errno) {
            let file = try Descriptor(opening: typesPath, O_RDONLY)
            types = try file.readToEnd(
                byteCountMax: typesByteCountMax, expecting: Int(try file.status().st_size))
        } catch {
            throw .types(typesPath, "\(error)")
        }
        do throws(KernelTypesError) {
            return try program.init(types)
        } catch {
            throw .types(typesPath, "\(error)")
        }
    }

    private static func call(
        _ step: DescriptorIteratorError.Step, _ body: () -> CInt
    ) throws(DescriptorIteratorError) -> Descriptor {
        do throws(Errno) {
            return Descriptor(owning: try systemCall(body))
        } catch {
            throw .refused(step, error)
        }
    }
}

/// Why the kernel's descriptors cannot be iterated over.
package enum DescriptorIteratorError: Error, Equatable, CustomStringConvertible {
    package enum Step: String, Sendable {
        case load = "BPF_PROG_LOAD"
        case link = "BPF_LINK_CREATE"
    }

    /// The kernel's types could not be read or are not what is needed.
    case types(String, String)
    /// `bpf(2)` failed.
    case refused(Step, Errno)
    /// Process IDs that BPF tells are those of the host's first PID namespace; /proc shows another's.
    case otherNamespace
    /// A seccomp filter may end the process if it calls `bpf(2)`.
    case filtered

    package var description: String {
        switch self {
        case .types(let path, let reason): "cannot use \(path): \(reason)"
        case .refused(let step, .notPermitted):
            "bpf(\(step.rawValue)) is not permitted: it needs CAP_BPF and CAP_PERFMON, and a seccomp "
                + "filter that allows it"
        case .refused(let step, let errno): "bpf(\(step.rawValue)) failed: \(errno)"
        case .otherNamespace: "/proc does not show the host's first PID namespace"
        case .filtered: "a seccomp filter is in place"
        }
    }
}
