package import Logging
import Synchronization

/// Logs how far a restore is, if it takes long.
package final class RestoreProgressLog: Sendable {
    /// Both: short enough for whoever waits, long enough for a log.
    private static let pause = Duration.seconds(5)

    private let logger: Logger
    private let lastLogged = Mutex(ContinuousClock.now)

    /// A log that begins now.
    package init(_ logger: Logger) { self.logger = logger }

    /// Takes note; logs it every few seconds.
    package func update(_ progress: Restore.Progress) {
        let isDue = lastLogged.withLock { last in
            guard ContinuousClock.now - last >= Self.pause else { return false }
            last = .now
            return true
        }
        guard isDue else { return }
        logger.info(
            "restoring",
            metadata: ["bytes.done": "\(progress.doneByteCount)", "bytes.total": "\(progress.totalByteCount)"])
    }
}
