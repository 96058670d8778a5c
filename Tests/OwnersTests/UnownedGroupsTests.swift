import TCPModel
import Testing

@testable import Owners

struct UnownedGroupsTests {
    @Test func rowsOfAnotherTableOrCgroupAreAnotherGroup() {
        var groups = UnownedGroups()
        let first = UnownedGroup(table: 0, cause: .orphaned, cgroup: CgroupID(rawValue: 1))
        var otherTable = first
        otherTable.table = 1
        var otherCgroup = first
        otherCgroup.cgroup = CgroupID(rawValue: 2)
        let rows = [first, otherTable, otherCgroup, otherCgroup, first, otherTable]
        let numbers = rows.map { groups.number(of: $0) }
        #expect(numbers == [1, 2, 3, 3, 1, 2])
        #expect(groups.count == 4)
    }
}
