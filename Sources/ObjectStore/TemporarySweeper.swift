import Files
import Synchronization

/// Removes what writers that died left half-written: at the first put into a directory, then now and again.
final class TemporarySweeper: Sendable {
    /// How old a leftover must be that nobody holds: long enough for a new one's writer to take hold of it.
    private let lifetime: Duration
    /// Sweeping lists the directory, so it shall be rare.
    private var interval: Duration { lifetime * 360 }
    private let lastSweeps = Mutex<[String: ContinuousClock.Instant]>([:])

    init(lifetime: Duration) { self.lifetime = lifetime }

    func sweep(_ directory: String) throws(FileError) {
        guard isDue(directory) else { return }
        for entry in try Directory.entries(directory) where TemporaryFile.isTemporary(name: entry.name) {
            let path = "\(directory)/\(entry.name)"
            // `changed`, since a put sets `modified` to any time it likes.
            guard let status = try File.status(path),
                .nanoseconds(WallClock.now - status.changed) > lifetime, TemporaryFile.isAbandoned(path)
            else { continue }
            // One that cannot be removed is somebody else's worry; it takes room, but nothing reads it.
            _ = try? File.remove(path)
        }
    }

    private func isDue(_ directory: String) -> Bool {
        let now = ContinuousClock.now
        return lastSweeps.withLock { last in
            if let before = last[directory], now - before < interval { return false }
            last[directory] = now
            return true
        }
    }
}
