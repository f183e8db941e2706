import CSQLite

/// One of the WAL's eight locks, which live in the WAL-index.
///
/// Source: https://www.sqlite.org/walformat.html#wal_locks
package enum WALLock: Hashable, Sendable {
    /// Held exclusively by the one who appends frames.
    case write
    /// Held exclusively by the one who checkpoints.
    case checkpoint
    /// Read lock 0 to 4. Shared on 0: reads the database alone, and no frame may be copied into it.
    /// Shared on 1 to 4: reads frames up to that lock's mark, and the WAL may not be restarted.
    case read(Int)

    var index: Int32 {
        switch self {
        case .write: 0
        case .checkpoint: 1
        case .read(let slot): 3 + Int32(slot)
        }
    }
}

extension WAL {
    /// How a lock is held.
    package enum LockKind: Sendable {
        case shared
        case exclusive

        fileprivate var flag: Int32 {
            switch self {
            case .shared: SQLITE_SHM_SHARED
            case .exclusive: SQLITE_SHM_EXCLUSIVE
            }
        }
    }

    /// Takes a lock if nobody stands in the way; never waits. SQLite does the bookkeeping between this
    /// connection, others in the process and other processes.
    package func tryLock(_ lock: WALLock, _ kind: LockKind) throws(SQLiteError) -> Bool {
        let code = unsafe file.pointee.pMethods.pointee.xShmLock(file, lock.index, 1, SQLITE_SHM_LOCK | kind.flag)
        switch code & 0xff {
        case SQLITE_OK: return true
        case SQLITE_BUSY: return false
        default: throw .sqlite(code: code, message: "lock \(lock)", doing: "lock the WAL-index of \(path)")
        }
    }

    /// Lets go of a lock that this object holds in that way.
    package func unlock(_ lock: WALLock, _ kind: LockKind) {
        let code = unsafe file.pointee.pMethods.pointee.xShmLock(file, lock.index, 1, SQLITE_SHM_UNLOCK | kind.flag)
        // Unlocking a byte range of an open file cannot fail unless the range or the descriptor is wrong.
        precondition(code == SQLITE_OK, "BUG: cannot unlock \(lock)")
    }
}
