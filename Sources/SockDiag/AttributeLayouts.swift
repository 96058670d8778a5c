import CLinux

/// Where the attributes lie in rows of a dump, as earlier rows of the same length had them.
///
/// To go from one attribute to the next is a chain of loads, each of which waits for the one before:
/// more than half of what it costs to decode a row. But nearly all rows of a length have the same
/// attributes. So the headers are compared with those of an earlier row, all at once; where they are
/// the same, everything lies where it lay, and the steps would lead there again.
struct AttributeLayouts {
    private struct Layout {
        /// Of the whole row; 0 when none is known.
        var byteCount = 0
        var headerCount = 0
        /// Where the cgroup's number lies; 0 when it is not told.
        var cgroupID = 0
        var isMarkTold = false
    }

    /// A `struct nlattr` as it lies in memory, and where.
    private struct Header {
        var offset = 0
        var bits: UInt32 = 0
    }

    /// Rows of one dump have fewer lengths: it takes another family or state for other attributes.
    private static let layoutCount = 16
    /// A row with more is decoded step by step.
    private static let headerCountMax = 8

    private var layouts = [Layout](repeating: Layout(), count: layoutCount)
    /// `headerCountMax` for each layout.
    private var headers = [Header](repeating: Header(), count: layoutCount * headerCountMax)

    /// The attributes of a row of which the fixed part is known to be there; nil when their layout is
    /// another one than the last known of this length.
    @inline(__always)
    func attributes(of row: RawSpan) -> InetDiagAttributes? {
        let place = Self.place(of: row.byteCount)
        let layout = layouts[place]
        guard layout.byteCount == row.byteCount else { return nil }
        let first = place * Self.headerCountMax
        var difference: UInt32 = 0
        for header in headers[first..<first + layout.headerCount] {
            difference |= row.readChecked(UInt32.self, at: header.offset) ^ header.bits
        }
        guard difference == 0 else { return nil }
        let cgroupID =
            layout.cgroupID > 0 ? row.readChecked(UInt64.self, at: layout.cgroupID) : nil
        return InetDiagAttributes(cgroupID: cgroupID, isMarkTold: layout.isMarkTold)
    }

    /// Makes known the layout of a row, unless it has an attribute with more to decode, or too many.
    mutating func learn(_ row: RawSpan) throws(DecodeError) {
        let place = Self.place(of: row.byteCount)
        var layout = Layout(byteCount: row.byteCount)
        // Headers are overwritten before it is sure that all are taken.
        layouts[place] = Layout()
        var offset = Int(INET_DIAG_MSG_BYTES)
        while offset < row.byteCount {
            let attribute = try NetlinkAttribute(in: row, at: offset)
            let type = Int(attribute.type)
            guard layout.headerCount < Self.headerCountMax,
                type != Int(CLINUX_INET_DIAG_ULP_INFO)
            else { return }
            if type == Int(CLINUX_INET_DIAG_CGROUP_ID) {
                layout.cgroupID = attribute.payload.lowerBound
            }
            if type == Int(CLINUX_INET_DIAG_MARK) { layout.isMarkTold = true }
            headers[place * Self.headerCountMax + layout.headerCount] = Header(
                offset: offset, bits: row.readChecked(UInt32.self, at: offset))
            layout.headerCount += 1
            offset = attribute.end
        }
        layouts[place] = layout
    }

    @inline(__always)
    private static func place(of byteCount: Int) -> Int { byteCount / 4 % layoutCount }
}
