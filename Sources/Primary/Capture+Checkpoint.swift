import Files
import SQLite

/// Copying the app's WAL into its database, so that the app need not.
extension Capture {
    /// What came of a checkpoint.
    enum CheckpointOutcome {
        /// All of the WAL is in the database, and the next writer restarts it.
        case complete
        /// The app was too quick; the next look may find a gap.
        case contended
        /// Somebody else is at a checkpoint that does not end, perhaps because it waits for what we hold.
        case yielded
        /// A reader of an old snapshot is in the way, and trying again soon would be in vain.
        case blocked
    }

    /// Copies the WAL into the database and opens the way for its restart, without keeping writers waiting
    /// for more than the last few frames.
    ///
    /// First without the write lock, which leaves just the frames that came meanwhile; then those under the
    /// write lock, which also keeps every writer from restarting the WAL while a checkpoint runs: the two
    /// together are the race that SQLite repaired in 3.51.3. Source: https://www.sqlite.org/wal.html#walreset
    func checkpoint() throws(PrimaryError) -> CheckpointOutcome {
        try translating {
            if hold.isZero { return .complete }
            // Each pass leaves what the app wrote during it, which the next one has done with in less time; until
            // what takes the time is no longer the frames but the disk's answer.
            var rest = self.rest
            while rest > Self.shortRest {
                let before = wal.backfilledFrameCount
                var isOpen = false
                let result = try wal.checkpoint { () throws(SQLiteError) in
                    isOpen = try hold.takeMark(at: seen.lastFrame)
                }
                guard isOpen else { return .contended }
                // The app's own transactions stand on marks too, but not for long: only what does not move
                // at all is a reader that stays.
                if !result.isBusy, wal.backfilledFrameCount == before { return .blocked }
                try look()
                try materialise()
                if self.rest > rest / 2 { break }
                rest = self.rest
            }
            // The way is open before the writer is kept out. An app whose own tries are due at every commit takes
            // the last frames by itself then, in its own thread, and does not meet our lock, after which SQLite
            // would let it sleep for milliseconds; it only has to be kept from going on before zero is taken.
            guard try hold.takeMark(at: WAL.unusedMark) else { return .contended }
            if self.rest > Self.shortRest { pause(Self.ownTry) }
            guard try lockWriter() else { return .contended }
            defer { wal.unlock(.write, .exclusive) }
            return try finishUnderWriteLock()
        }
    }

    /// Frames that are not in the database yet.
    private var rest: UInt32 { seen.lastFrame - min(wal.backfilledFrameCount, seen.lastFrame) }

    /// Frames that are copied so fast that a writer hardly notices.
    private static let shortRest: UInt32 = 64
    /// In which a flat-out app commits some dozen times, and is in the middle of its own checkpoint.
    private static let ownTry = Duration.microseconds(200)

    private func finishUnderWriteLock() throws -> CheckpointOutcome {
        try look()
        try materialise()
        // The app may be in the middle of a checkpoint of its own. It ends within milliseconds, and then nothing is
        // left to copy: nobody can commit meanwhile. Unless it waits for the write lock in turn.
        let deadline = ContinuousClock.now + Self.longestHold
        repeat {
            if hold.isZero { return .complete }
            if try hold.tradeForZero(ifStill: seen) {
                try files.noteCheckpoint(wal)
                return .complete
            }
            let result = try wal.checkpoint()
            if result.isBusy {
                pause(.microseconds(50))
            } else if result.copiedFrameCount < result.frameCount {
                return .contended
            }
        } while .now < deadline
        return .yielded
    }

    /// A writer should not be kept out for longer.
    private static let longestHold = Duration.milliseconds(20)

    /// The write lock, in a gap between two of the app's transactions. A flat-out writer leaves gaps of
    /// microseconds, so many quick tries find one; an open transaction does not, and we come back later.
    private func lockWriter() throws(SQLiteError) -> Bool {
        for _ in 0..<500 where try wal.tryLock(.write, .exclusive) { return true }
        return false
    }
}
