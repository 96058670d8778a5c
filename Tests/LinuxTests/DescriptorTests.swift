import Glibc
import SystemPackage
import Testing

@testable import Linux

struct DescriptorTests {
    private func isOpen(_ number: CInt) -> Bool { fcntl(number, F_GETFD) >= 0 }

    @Test func itIsClosedWhenItsOwnerIsGone() throws {
        var ends: [CInt] = [-1, -1]
        try #require(unsafe pipe(&ends) == 0)
        let written = Descriptor(owning: ends[1])
        do { _ = Descriptor(owning: ends[0]) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        #expect(unsafe write(written.rawValue, [1], 1) == -1 && errno == EPIPE)
    }

    @Test func oneThatIsReleasedStaysOpen() throws {
        let number = try Descriptor(opening: "/dev/null", O_RDONLY).release()
        defer { close(number) }
        #expect(isOpen(number))
    }

    @Test func noProgramInheritsIt() throws {
        let file = try Descriptor(opening: "/dev/null", O_RDONLY)
        let socket = try Descriptor(socket: AF_UNIX, SOCK_DGRAM, flags: SOCK_NONBLOCK)
        #expect(fcntl(file.rawValue, F_GETFD) == FD_CLOEXEC)
        #expect(fcntl(socket.rawValue, F_GETFD) == FD_CLOEXEC)
        #expect(fcntl(socket.rawValue, F_GETFL) & O_NONBLOCK != 0)
    }

    @Test func whatCannotBeOpenedThrowsItsErrno() {
        #expect(throws: Errno.noSuchFileOrDirectory) {
            _ = try Descriptor(opening: "/dev/no such file", O_RDONLY)
        }
        #expect(throws: Errno.addressFamilyNotSupported) {
            _ = try Descriptor(socket: AF_UNIX + 10_000, SOCK_DGRAM)
        }
    }

    @Test(arguments: [0, 1, 4095, 4096, 10_000])
    func aFileIsReadToItsEndOrTheBound(_ byteCountMax: Int) throws {
        let zeros = try Descriptor(opening: "/dev/zero", O_RDONLY)
        #expect(try zeros.readToEnd(byteCountMax: byteCountMax).count == byteCountMax)
        let empty = try Descriptor(opening: "/dev/null", O_RDONLY)
        #expect(try empty.readToEnd(byteCountMax: byteCountMax) == [])
    }

    @Test func whatCannotBeReadThrowsItsErrno() throws {
        let directory = try Descriptor(opening: "/", O_RDONLY)
        #expect(throws: Errno.isDirectory) { _ = try directory.readToEnd(byteCountMax: 1) }
    }

    @Test func anInterruptedCallIsRepeated() throws {
        var results: [Int] = [-1, -1, 7]
        let value = try systemCall {
            errno = EINTR
            return results.removeFirst()
        }
        #expect(value == 7 && results.isEmpty)
        #expect(throws: Errno.badFileDescriptor) { try systemCall { close(-1) } }
    }
}
