import ByteText
import Linux
import Owners
import TCPModel

extension GroupSummary {
    func writeJSON(row index: Int, _ time: WallTime?, to bytes: inout [UInt8]) {
        let row = rows[index]
        bytes.beginObject(time)
        writeGroup(row.group, to: &bytes)
        bytes.append(",\"total\":")
        bytes.append(decimal: UInt64(row.counts.total))
        bytes.append(",\"states\":{")
        for state in states {
            if state != states.first { bytes.append(",") }
            bytes.append(json: state.label)
            bytes.append(":")
            bytes.append(decimal: UInt64(row.counts[state]))
        }
        bytes.append("}}\n")
    }

    /// The members of the summary, null where the group has none.
    private func writeGroup(_ group: Group, to bytes: inout [UInt8]) {
        switch summary {
        case .module, .process: writeOwner(group, to: &bytes)
        case .user:
            var user: UInt32?
            if case .user(let number) = group { user = number }
            bytes.append("\"user\":")
            bytes.append(json: user.flatMap(names.user))
            bytes.append(",\"user_id\":")
            bytes.append(json: user.map(UInt64.init))
        case .remote:
            bytes.append("\"remote\":")
            if case .remote(let address) = group {
                bytes.append("\"")
                bytes.append(address)
                bytes.append("\"")
            } else {
                bytes.append("null")
            }
        case .port: writePort(group, to: &bytes)
        case .direction, .state, .offload:
            var direction: Direction?
            if case .direction(let known) = group { direction = known }
            bytes.append("\"direction\":")
            bytes.append(json: direction?.label)
        case .netns:
            var namespace: String?
            if case .namespace(let number) = group { namespace = names.namespace(number) }
            bytes.append("\"netns\":")
            bytes.append(json: namespace)
        }
    }

    private func writeOwner(_ group: Group, to bytes: inout [UInt8]) {
        var module: OwnerModule?
        var process: Int32?
        var reason: UnattributedReason?
        switch group {
        case .module(let owner): module = owner
        case .process(let number): process = number
        case .unattributed(let unattributedReason): reason = unattributedReason
        default: break
        }
        if summary == .module {
            bytes.append("\"module\":")
            bytes.append(json: module?.name)
            bytes.append(",\"kind\":")
            bytes.append(json: module?.kind.label)
        } else {
            bytes.append("\"program\":")
            bytes.append(json: process.map(names.program))
            bytes.append(",\"pid\":")
            bytes.append(json: process.map { UInt64($0) })
        }
        bytes.append(",\"reason\":")
        bytes.append(json: reason?.label)
    }

    private func writePort(_ group: Group, to bytes: inout [UInt8]) {
        var port: UInt16?
        var direction: Direction?
        if case .port(let number, let known) = group { (port, direction) = (number, known) }
        bytes.append("\"port\":")
        bytes.append(json: port.map(UInt64.init))
        bytes.append(",\"service\":")
        bytes.append(json: port.flatMap(names.service))
        bytes.append(",\"direction\":")
        bytes.append(json: direction?.label)
    }
}
