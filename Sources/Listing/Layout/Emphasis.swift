/// How a cell stands out. It adds nothing that the text does not say.
enum Emphasis {
    case none
    case title
    /// Worth a look.
    case warning
    /// Connections are being lost.
    case critical
    /// New since the last reading.
    case new
    /// Unknown, zero, or gone.
    case faint

    /// "Select Graphic Rendition" of ECMA-48.
    var controlSequence: StaticString {
        switch self {
        case .none: ""
        case .title: "\u{1B}[1m"
        case .warning: "\u{1B}[33m"
        case .critical: "\u{1B}[1;31m"
        case .new: "\u{1B}[32m"
        case .faint: "\u{1B}[2m"
        }
    }
}
