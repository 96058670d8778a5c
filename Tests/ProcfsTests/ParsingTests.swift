import SystemPackage
import TCPModel
import Testing

@testable import Procfs

struct DecimalParsingTests {
    @Test(arguments: [
        ("0", UInt64(0)), ("7", 7), ("007", 7), ("4294967295", 4_294_967_295),
        ("18446744073709551615", .max), ("00000000000000000000000000001", 1),
    ])
    func digitsAreANumber(_ text: String, _ number: UInt64) {
        #expect(UInt64(decimal: text.utf8) == number)
        #expect(withSpan(text) { $0.decimal } == number)
    }

    @Test(arguments: [
        "", " ", "-1", "+1", " 1", "1 ", "1\n", "1a", "0x1", "1.0", "1_000", "١", "/", ":", "\0",
        "18446744073709551616", "18446744073709551620", "99999999999999999999",
        "184467440737095516150", "340282366920938463463374607431768211456",
    ])
    func anythingElseIsNone(_ text: String) {
        #expect(UInt64(decimal: text.utf8) == nil)
        #expect(withSpan(text) { $0.decimal } == nil)
    }

    @Test(arguments: [
        ("", [String]()), ("  \t ", []), ("a", ["a"]), (" a\tb  c ", ["a", "b", "c"]),
        ("a\nb", ["a\nb"]),
    ])
    func wordsAreWhatLiesBetweenBlanks(_ text: String, _ words: [String]) {
        #expect(Array(text.utf8).words.map { String(decoding: $0, as: UTF8.self) } == words)
    }

    @Test(arguments: [
        ("", [String]()), ("\n\n", []), ("a", ["a"]), ("a\n", ["a"]), ("a\n\nb c\n", ["a", "b c"]),
    ])
    func linesAreWhatLiesBetweenNewlines(_ text: String, _ lines: [String]) {
        #expect(Array(text.utf8).lines.map { String(decoding: $0, as: UTF8.self) } == lines)
    }
}

struct SocketInodeTests {
    @Test(arguments: [
        ("socket:[1]", UInt32(1)), ("socket:[0]", 0), ("socket:[4294967295]", .max),
    ])
    func aSocketsLinkNamesItsInode(_ link: String, _ number: UInt32) {
        #expect(withSpan(link) { SocketInode(linkTarget: $0) }?.rawValue == number)
    }

    @Test(arguments: [
        "socket:[]", "socket:[4294967296]", "socket:[18446744073709551617]", "socket:[-1]",
        "socket:[1", "socket:1]", "socket:[1]]", "socket:[[1]", "socket:[1] ", " socket:[1]",
        "socket:[1a]", "Socket:[1]", "pipe:[1]", "anon_inode:[eventpoll]", "net:[4026531840]",
        "/tmp/socket:[1]", "/dev/null", "]", "",
    ])
    func anotherLinkNamesNone(_ link: String) {
        #expect(withSpan(link) { SocketInode(linkTarget: $0) } == nil)
    }

    @Test func aCutLinkNamesNone() {
        let link = "socket:[4294967295]"
        for byteCount in 0..<link.utf8.count {
            let cut = String(link.prefix(byteCount))
            #expect(withSpan(cut) { SocketInode(linkTarget: $0) } == nil, "\(cut)")
        }
    }
}

struct CgroupMembershipTests {
    @Test(arguments: [
        ("0::/system.slice/nginx.service", "", "/system.slice/nginx.service"),
        ("0::/", "", "/"),
        ("1:name=systemd:/init.scope", "name=systemd", "/init.scope"),
        ("4:cpu,cpuacct:/a", "cpu,cpuacct", "/a"),
        ("0::/a:b::c", "", "/a:b::c"),
        ("0::/../../x", "", "/../../x"),
        ("0::", "", ""),
        ("::", "", ""),
        ("0::/a (deleted)", "", "/a"),
        ("0::/a (deleted) (deleted)", "", "/a (deleted)"),
        ("0::/a(deleted)", "", "/a(deleted)"),
        ("0::/a (deleted)/b", "", "/a (deleted)/b"),
        ("0:: (deleted)", "", ""),
    ])
    func aLineHasControllersAndAPath(_ line: String, _ controllers: String, _ path: String) {
        let membership = CgroupMembership(line: Array(line.utf8)[...])
        #expect(membership == CgroupMembership(controllers: controllers, path: Array(path.utf8)))
    }

    @Test(arguments: ["", "0", "0:", "0:/a", "no colon"])
    func aLineWithFewerFieldsIsNone(_ line: String) {
        #expect(CgroupMembership(line: Array(line.utf8)[...]) == nil)
    }

    @Test func aPathIsBytes() throws {
        let line: [UInt8] = [0x30, 0x3A, 0x3A, 0x2F, 0xFF, 0x00, 0xC3]
        let membership = try #require(CgroupMembership(line: line[...]))
        #expect(membership.path == [0x2F, 0xFF, 0x00, 0xC3])
    }
}

struct FileErrorTests {
    @Test(arguments: [
        (FileError(.open, "/proc/8/stat", .noSuchFileOrDirectory), "cannot open /proc/8/stat: "),
        (FileError(.read, "/proc/8/fd", .permissionDenied), "cannot read /proc/8/fd: "),
        (FileError(.list, "/proc", .ioError), "cannot list /proc: "),
        (FileError(.understand, "/x", .contents("no number")), "cannot understand /x: no number"),
    ])
    func anErrorSaysWhatWasTriedAndOnWhat(_ error: FileError, _ text: String) {
        #expect(error.description.hasPrefix(text), "\(error)")
        #expect(error.description.count > text.count || error.cause == .contents("no number"))
    }

    @Test(arguments: [
        (FileError.Cause.errno(.permissionDenied), true, false),
        (.errno(.notPermitted), true, false), (.errno(.noSuchFileOrDirectory), false, true),
        (.errno(.noSuchProcess), false, true), (.errno(.ioError), false, false),
        (.contents("permission denied"), false, false),
    ])
    func aMissingRightIsNoMissingFile(
        _ cause: FileError.Cause, _ isDenied: Bool, _ isGone: Bool
    ) {
        let error = FileError(.open, "/x", cause)
        #expect(error.isDenied == isDenied)
        #expect(error.isGone == isGone)
    }
}
