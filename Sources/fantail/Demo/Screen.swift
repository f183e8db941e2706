import FoundationEssentials
import Synchronization
#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The terminal, for a view that is drawn in place again and again.
///
/// What was on it scrolls up and stays there, and the last drawing stays too: no second screen that would be
/// gone at the end.
final class Screen: Sendable {
    private enum State { case untouched, drawing, closed }

    private let state = Mutex(State.untouched)

    /// The terminal that stdout is; nil if it is none, or one that knows no escape codes.
    init?() {
        guard isatty(STDOUT_FILENO) == 1, Self.environment["TERM"].map({ !$0.isEmpty && $0 != "dumb" }) ?? false else { return nil }
    }

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    /// What the terminal and its user allow.
    ///
    /// Source: https://no-color.org
    static var style: TextLine.Style {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let encoding = locale.lowercased().replacing("-", with: "")
        return TextLine.Style(
            hasColour: Terminal.wantsColor, isUnicode: encoding.contains("utf8"))
    }

    /// In characters; what a terminal had that cannot say.
    private static var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Draws the lines that `draw` makes for the width of the terminal, over those drawn before. Nothing after
    /// `close`.
    func show(_ draw: (_ width: Int) -> [String]) {
        let (columns, rows) = Self.size
        // The last line stays free for the cursor, so that nothing scrolls.
        let lines = draw(columns).prefix(max(rows - 1, 1))
        state.withLock { state in
            guard state != .closed else { return }
            var text = ""
            if state == .untouched { text += String(repeating: "\n", count: rows - 1) }
            state = .drawing
            // Hidden anew each time: the shell shows it when the demo is stopped and goes on. Each line's rest
            // is cleared after it is written, not before, which would flicker.
            text += "\u{1b}[?25l\u{1b}[H"
            text += lines.map { "\($0)\u{1b}[K\r\n" }.joined()
            text += "\u{1b}[J"
            StandardOutput.write(text)
        }
    }

    /// Gives the cursor back. Whatever is written then comes below the last drawing.
    func close() {
        state.withLock { state in
            if state == .drawing { StandardOutput.write("\u{1b}[?25h") }
            state = .closed
        }
    }
}
