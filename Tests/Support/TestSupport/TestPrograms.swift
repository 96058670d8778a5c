import Foundation
import SystemPackage

/// The path of a C program of `Tests/Programs`. The first call in a process compiles those that are
/// missing or older than their sources.
package func testProgram(_ name: String) throws -> String {
    "\(try programsDirectory.get())/\(name)"
}

/// Copies an executable, to run it under another name, and makes the directories above it.
///
/// A process of its own does it: a program that another test starts meanwhile would have our descriptor
/// of the copy for a moment, and the kernel runs no file that somebody may write to (`ETXTBSY`).
package func copyExecutable(_ path: String, to copy: String) throws {
    let result = try run("install", ["-D", path, copy])
    guard result.status == .exited(0) else {
        throw SupportError(what: result.standardError, cause: .ioError)
    }
}

private let programsDirectory = Result {
    let directory = product("test-programs")
    let tests = URL(filePath: #filePath).appending(path: "../../..").standardized
    try compile(with: tests.appending(path: "Programs/build").path, into: directory)
    return directory
}

/// Not a ``ChildProcess``, which needs one of the programs.
private func compile(with script: String, into directory: String) throws {
    var files = DescriptorSet()
    defer { files.closeAll() }
    let input = try files.inputEnds("").read
    let output = try files.memoryFile()
    let environment = ProcessInfo.processInfo.environment
    let processID = try spawn(script, [directory], environment, [input, output, output])
    var status: Int32 = 0
    while unsafe waitpid(processID, &status, 0) < 0, errno == EINTR {}
    guard status == 0 else {
        throw SupportError(
            what: "cannot compile the test programs: \(contents(of: output))", cause: .ioError)
    }
}
