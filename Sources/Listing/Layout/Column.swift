/// A column of a listing.
struct Column {
    var title: String
    /// Numbers are aligned to the right.
    var isNumber = false
    /// Whether it is not shown.
    var isHidden = false
    /// Columns with lower numbers are left out first where a terminal is too narrow for all; nil never is.
    var leftOutOrder: Int?
    /// The width down to which a narrow terminal cuts its cells; nil cuts none.
    var widthMin: Int?

    /// The spaces after it, where they are not as many as after others; such a column is never scrolled away.
    var gap: Int?

    /// What `--sort` calls it.
    var name: String { title.lowercased() }
}
