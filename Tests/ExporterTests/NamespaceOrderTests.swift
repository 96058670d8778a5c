import Testing

@testable import Exporter
@testable import TCPModel

/// Which network namespaces are read when there are too many.
struct NamespaceOrderTests {
    private static func unnamed(_ inodes: ClosedRange<UInt64>, of user: UInt32)
        -> [NetworkNamespace]
    {
        inodes.map {
            NetworkNamespace(inode: $0, name: nil, path: "/proc/\($0)/ns/net", userID: user)
        }
    }

    @Test func namedOnesComeFirstAndUsersTakeTurns() {
        let named = ["blue", "red"].map {
            NetworkNamespace(inode: UInt64($0.count), name: $0, path: "/run/netns/\($0)")
        }
        let made = Self.unnamed(100...103, of: 1000) + Self.unnamed(200...201, of: 0) + named
        #expect(
            made.namedThenFair.map(\.label)
                == ["blue", "red", "200", "100", "201", "101", "102", "103"])
    }

    @Test func aThousandOfOneUserPushNobodyElsesOut() {
        var others: [NetworkNamespace] = []
        for number: UInt32 in 1...50 {
            let inode = 5000 + UInt64(number)
            others += Self.unnamed(inode...inode, of: 2000 + number)
        }
        let all: [NetworkNamespace] = Self.unnamed(1...1000, of: 1000) + others
        let read = Set(all.namedThenFair.prefix(NetworkNamespaces.othersMax).map(\.inode))
        #expect(others.allSatisfy { read.contains($0.inode) })
    }
}
