public import ArgumentParser
import Files
import FoundationEssentials
public import Logging

/// Writes log lines to stderr: time, level, message, then `key=value` pairs in order of their keys.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let pairs = metadata.merging(event.metadata ?? [:]) { _, new in new }
            .sorted { $0.key < $1.key }
            .map { " \($0.key)=\(Self.quoted("\($0.value)"))" }.joined()
        StandardError.write("\(Date.now.formatted(.iso8601)) \(event.level) \(event.message)\(pairs)\n")
    }

    /// Quotes what would not be one word, so that a line can be taken apart again.
    private static func quoted(_ text: String) -> String {
        guard text.contains(where: { $0 == " " || $0 == "\"" || $0.isNewline }) || text.isEmpty else { return text }
        return "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n"))\""
    }
}

/// The options every long-running command has for its log.
struct LogOptions: ParsableArguments {
    @Option(help: "Least important messages to log: trace, debug, info, notice, warning or error.")
    var logLevel: Logger.Level = .info

    func logger() -> Logger { Self.logger(logLevel) }

    /// A logger to stderr that leaves out what is less important than `level`.
    static func logger(_ level: Logger.Level) -> Logger {
        Logger(label: "fantail") { _ in LineLogHandler(logLevel: level) }
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
