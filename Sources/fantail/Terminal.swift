import FoundationEssentials
#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What whoever started the program looks at.
enum Terminal {
    /// Whether standard output is a terminal on which colors are wanted.
    ///
    /// Source: https://no-color.org
    static var wantsColor: Bool {
        wantsColor(isTerminal: isatty(STDOUT_FILENO) != 0, environment: ProcessInfo.processInfo.environment)
    }

    static func wantsColor(isTerminal: Bool, environment: [String: String]) -> Bool {
        isTerminal && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    }

    /// Whether standard error is a terminal that can write over a line.
    static var showsProgress: Bool {
        isatty(STDERR_FILENO) != 0 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }
}
