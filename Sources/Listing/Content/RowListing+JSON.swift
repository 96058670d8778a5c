import ByteText
import Linux
import Owners
import TCPModel
import TCPTable

extension RowListing {
    func writeJSON(row index: Int, _ time: WallTime?, to bytes: inout [UInt8]) {
        let row = row(index)
        bytes.beginObject(time)
        writeSocket(row, index, to: &bytes)
        writeOwner(row, to: &bytes)
        bytes.append(",\"offload_state\":")
        bytes.append(json: row.offloadState?.label)
        bytes.append(",\"tls\":")
        write(row.tls, to: &bytes)
        bytes.append("}\n")
    }

    private func writeSocket(_ row: TCPRow, _ index: Int, to bytes: inout [UInt8]) {
        bytes.append("\"state\":")
        bytes.append(json: row.state.label)
        bytes.append(",\"family\":")
        bytes.append(json: row.family.label)
        bytes.append(",\"local\":")
        write(row.localAddress, row.localPort, to: &bytes)
        bytes.append(",\"remote\":")
        write(row.remoteAddress, row.remotePort, to: &bytes)
        bytes.append(",\"interface\":")
        bytes.append(json: interfaceName(row, index))
        bytes.append(",\"netns\":")
        bytes.append(json: namespace(index))
        bytes.append(",\"direction\":")
        bytes.append(json: details?.direction(of: row, table: table(index))?.label)
        bytes.append(",\"receive_queue\":")
        bytes.append(decimal: UInt64(row.receiveQueue))
        bytes.append(",\"send_queue\":")
        bytes.append(decimal: UInt64(row.sendQueue))
        bytes.append(",\"user_id\":")
        bytes.append(decimal: UInt64(row.userID))
        bytes.append(",\"user\":")
        bytes.append(json: details?.userName(of: row))
        bytes.append(",\"inode\":")
        bytes.append(json: row.inode.map(UInt64.init))
        bytes.append(",\"cookie\":\"")
        bytes.append(decimal: row.cookie)
        bytes.append("\"")
    }

    private func writeOwner(_ row: TCPRow, to bytes: inout [UInt8]) {
        let path = row.executablePath
        let module = row.module
        bytes.append(",\"pid\":")
        bytes.append(json: row.process.map { UInt64($0.id) })
        bytes.append(",\"program\":")
        bytes.append(json: row.process == nil ? nil : row.program)
        bytes.append(",\"module\":")
        bytes.append(json: module?.name)
        bytes.append(",\"kind\":")
        bytes.append(json: module?.kind.label)
        bytes.append(",\"path\":")
        bytes.append(json: path.isEmpty ? nil : path)
        bytes.append(",\"reason\":")
        bytes.append(json: row.unattributedReason?.label)
    }

    private func write(_ address: IPAddress, _ port: UInt16, to bytes: inout [UInt8]) {
        bytes.append("{\"address\":\"")
        bytes.append(address)
        bytes.append("\",\"port\":")
        bytes.append(decimal: UInt64(port))
        bytes.append("}")
    }

    private func write(_ tls: KernelTLS?, to bytes: inout [UInt8]) {
        guard let tls else {
            bytes.append("null")
            return
        }
        bytes.append("{\"version\":")
        bytes.append(json: tls.version.label)
        bytes.append(",\"cipher\":")
        bytes.append(json: tls.cipher.label)
        bytes.append(",\"transmit\":")
        bytes.append(json: tls.transmit.label)
        bytes.append(",\"receive\":")
        bytes.append(json: tls.receive.label)
        bytes.append("}")
    }
}
