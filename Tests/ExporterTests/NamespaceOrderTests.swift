import Testing

@testable import Exporter
@testable import TCPModel

/// Which network namespaces are read when there are too many.
struct NamespaceOrderTests {
    private static func unnamed(_ inodes: ClosedRange<UInt64>, of user: UInt32) -> [NetworkNamespace] {
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
        let others = (1...50).flatMap {
            Self.unnamed(UInt64(5000 + $0)...UInt64(5000 + $0), of: UInt32(2000 + $0))
        }
        let read = Set(
            (Self.unnamed(1...1000, of: 1000) + others).namedThenFair
                .prefix(ObservedNamespaces.othersMax).map(\.inode))
        #expect(others.allSatisfy { read.contains($0.inode) })
    }
}
