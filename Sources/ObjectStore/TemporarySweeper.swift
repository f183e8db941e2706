import Files
import Synchronization

/// Removes what writers that died left half-written: at the first put into a directory, then now and again.
final class TemporarySweeper: Sendable {
    /// How old a leftover must be: no put takes that long, so what is older has no writer any more.
    private let lifetime: Duration
    private let lastSweeps = Mutex<[String: ContinuousClock.Instant]>([:])

    init(lifetime: Duration) { self.lifetime = lifetime }

    func sweep(_ directory: String) throws(FileError) {
        guard isDue(directory) else { return }
        for entry in try Directory.entries(directory) where TemporaryFile.isTemporary(name: entry.name) {
            let path = "\(directory)/\(entry.name)"
            // `changed`, since a put sets `modified` to any time it likes.
            guard let status = try File.status(path),
                .nanoseconds(WallClock.now - status.changed) > lifetime
            else { continue }
            // One that cannot be removed is somebody else's worry; it takes room, but nothing reads it.
            _ = try? File.remove(path)
        }
    }

    private func isDue(_ directory: String) -> Bool {
        let now = ContinuousClock.now
        return lastSweeps.withLock { last in
            if let before = last[directory], now - before < lifetime { return false }
            last[directory] = now
            return true
        }
    }
}
