/// A line of text in pieces, each of which may be painted.
struct TextLine {
    /// How a piece looks, by what it means.
    enum Paint: String {
        case plain = ""
        case strong = "1"
        case faint = "2"
        case good = "32"
        case warning = "33"
        case bad = "31"
    }

    /// What whoever shows a line can show.
    struct Style: Hashable {
        var hasColour: Bool
        /// Whether characters beyond ASCII come out.
        var isUnicode: Bool

        /// For what is no terminal.
        static let plain = Style(hasColour: false, isUnicode: false)
    }

    private(set) var pieces: [(text: String, paint: Paint)] = []

    init() {}

    init(_ text: String, _ paint: Paint = .plain) { append(text, paint) }

    mutating func append(_ text: String, _ paint: Paint = .plain) { pieces.append((text, paint)) }

    mutating func append(_ line: TextLine) { pieces += line.pieces }

    /// In characters, each of which is one cell wide in all that is drawn here.
    var width: Int { pieces.reduce(0) { $0 + $1.text.count } }

    /// The line as it is written, cut off at `width`, and with escape codes only where there are colours.
    func rendered(width: Int, _ style: Style) -> String {
        var room = width
        var result = ""
        for (text, paint) in pieces where room > 0 {
            let shown = text.prefix(room)
            room -= shown.count
            result += style.hasColour && paint != .plain ? "\u{1b}[\(paint.rawValue)m\(shown)\u{1b}[0m" : String(shown)
        }
        return result
    }
}
