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
