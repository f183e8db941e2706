import CSQLite

/// How far a checkpoint goes to get its way.
///
/// Source: https://www.sqlite.org/c3ref/wal_checkpoint_v2.html
package enum CheckpointMode: Sendable {
    /// Copies what it can without waiting for anybody.
    case passive
    /// Waits for readers and the writer, copies all, and cuts the WAL file to nothing.
    case truncate
}

/// What a checkpoint found.
package struct CheckpointResult: Sendable {
    /// Whether a lock kept it from finishing.
    package let isBusy: Bool
    /// Frames in the WAL.
    package let frameCount: Int
    /// Frames that are in the database now.
    package let copiedFrameCount: Int
}

extension Connection {
    /// Copies frames of the WAL into the database. Being kept out by a lock is a result, not an error.
    package func checkpoint(_ mode: CheckpointMode) throws(SQLiteError) -> CheckpointResult {
        let modeCode =
            switch mode {
            case .passive: SQLITE_CHECKPOINT_PASSIVE
            case .truncate: SQLITE_CHECKPOINT_TRUNCATE
            }
        var frameCount: Int32 = -1
        var copiedFrameCount: Int32 = -1
        let code = unsafe sqlite3_wal_checkpoint_v2(handle, "main", modeCode, &frameCount, &copiedFrameCount)
        guard code == SQLITE_OK || code & 0xff == SQLITE_BUSY else {
            throw unsafe Connection.failure(handle, code, "checkpoint \(path)")
        }
        return CheckpointResult(
            isBusy: code != SQLITE_OK, frameCount: Int(frameCount), copiedFrameCount: Int(copiedFrameCount))
    }
}

extension WAL {
    /// Copies frames into the database as far as marks allow; waits for no reader, but a moment for another's
    /// checkpoint to end.
    ///
    /// `opening` runs when nobody else can checkpoint any more: what it opens is for this checkpoint alone. An app
    /// that tries one at every commit would otherwise be quicker, and do the copying in its own thread.
    ///
    /// That the lock is taken by hand before SQLite takes it again is what its bookkeeping allows within one
    /// connection; where it should not, the checkpoint is tried once more without.
    package func checkpoint(opening: () throws(SQLiteError) -> Void = {}) throws(SQLiteError) -> CheckpointResult {
        var isLocked = false
        for _ in 0..<Self.lockTries where !isLocked { isLocked = try tryLock(.checkpoint, .exclusive) }
        do throws(SQLiteError) { try opening() } catch {
            if isLocked { unlock(.checkpoint, .exclusive) }
            throw error
        }
        guard isLocked else { return try connection.checkpoint(.passive) }
        do throws(SQLiteError) {
            let result = try connection.checkpoint(.passive)
            // Nothing is left to unlock where SQLite took the lock too.
            unlock(.checkpoint, .exclusive)
            return result.isBusy ? try connection.checkpoint(.passive) : result
        } catch {
            unlock(.checkpoint, .exclusive)
            throw error
        }
    }

    /// Empties a WAL of which everything is in the database already, if nobody stands in the way. Where the caller
    /// holds read lock 0, nothing can be copied by this, whatever others do meanwhile.
    package func truncateIfCopied() throws(SQLiteError) {
        guard try header().lastFrame == backfilledFrameCount else { return }
        _ = try connection.checkpoint(.truncate)
    }

    /// Another's try takes microseconds while there is nothing to copy.
    private static let lockTries = 200
}
