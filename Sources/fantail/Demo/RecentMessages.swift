import Logging
import Synchronization

/// The last messages that were logged, for a view that nothing else may write into.
final class RecentMessages: Sendable {
    private let kept = Mutex<[String]>([])

    /// Oldest first.
    var texts: [String] { kept.withLock { $0 } }

    func add(_ text: String) { kept.withLock { $0 = $0.suffix(Self.limit - 1) + [text] } }

    /// More would push the rest off a small screen.
    private static let limit = 3

    /// A logger whose messages come here.
    func logger() -> Logger { Logger(label: "fantail") { _ in Handler(messages: self) } }

    private struct Handler: LogHandler {
        let messages: RecentMessages
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.warning

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let metadata = metadata.merging(event.metadata ?? [:]) { _, new in new }
            let about = ["db.path", "error", "reason"].compactMap { metadata[$0].map { "\($0)" } }
            messages.add(([event.message.description] + about).joined(separator: ": "))
        }
    }
}
