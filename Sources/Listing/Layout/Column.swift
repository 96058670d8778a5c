/// A column of a listing.
struct Column {
    var title: String
    /// Numbers are aligned to the right.
    var isNumber = false
    /// Whether a narrow terminal drops it first, if all its cells are faint.
    var isOptional = false
    /// How it shrinks on a narrow terminal; nil is only as a last resort.
    var shrink: Shrink?

    struct Shrink {
        /// Columns with a lower number shrink first.
        var order: Int
        /// The width at which the next columns start to shrink.
        var widthMin: Int
        /// Whether the text after the last colon, a port, is kept when a cell is cut.
        var keepsPort = false
    }
}
