package import Files
package import LTX
import ObjectStore
package import Replica
package import SQLite

/// What can end or interrupt the primary's work.
package enum PrimaryError: Error, Sendable {
    /// There is no database at the path (yet).
    case databaseMissing(path: String)
    /// The database was replaced, renamed or deleted while it was captured.
    case databaseReplaced(path: String)
    /// The WAL went back or was restarted although a lock forbids it: somebody deleted -wal or -shm.
    case walLost(path: String)
    /// The database's file was written to, but not by SQLite: somebody copied a backup over it.
    case databaseOverwritten(path: String)
    /// Files that the log cannot be restored without are gone from it.
    case logLost(url: String)
    /// The log holds another primary's file where ours should go.
    case fenced(txid: TXID, epoch: Epoch?)
    /// Another fantail already replicates this database.
    case alreadyRunning(path: String)
    /// Not everything could be shipped before the deadline of a shutdown.
    case unshipped(path: String, cause: String)
    case sqlite(SQLiteError)
    case file(FileError)
    case ltx(LTXError)
    case replica(ReplicaError)
    /// A failure of no kind that is known here, in its own words.
    case other(String)

    /// Whether waiting may help: the store or the disk may come back, the app may create its database or
    /// let go of its lock.
    var isTransient: Bool {
        switch self {
        case .databaseMissing: true
        case .sqlite(let error):
            switch error {
            case .notWAL, .unreadableIndex: true
            default: error.isBusy || error.isFull
            }
        case .file(let error): error.isFull
        case .replica(let error): error.reaction == .retry || error.reaction == .replan
        case .databaseReplaced, .walLost, .databaseOverwritten, .logLost, .fenced, .alreadyRunning, .unshipped, .ltx,
            .other:
            false
        }
    }

    /// Whether the store does not want us. At first that is a mistake in the configuration; where it took files
    /// before, a door that somebody closed, and may open again.
    var isRefusal: Bool {
        switch self {
        case .replica(.store(.denied)), .replica(.store(.malformed)): true
        default: false
        }
    }

    /// Whether the capture should begin anew, by a scan, on whatever database is at the path now.
    var asksForReattach: Bool {
        switch self {
        case .databaseReplaced, .walLost, .databaseOverwritten, .logLost: true
        case .sqlite(let error): error.isCorrupt || error.isTooShort
        default: false
        }
    }
}

extension PrimaryError: CustomStringConvertible {
    /// One sentence that says what happened and what to do.
    package var description: String {
        switch self {
        case .databaseMissing(let path):
            "\(path) does not exist; create it, or restore it with --restore-if-missing"
        case .databaseReplaced(let path): "\(path) was replaced by another file; capturing that one from now on"
        case .walLost(let path): "\(path)-wal was changed behind SQLite's back; comparing the whole database"
        case .databaseOverwritten(let path):
            "\(path) was written to behind SQLite's back, as by copying a backup over it; comparing the whole database"
        case .logLost(let url):
            "\(url) lost files that nothing can be restored without; shipping the whole database anew"
        case .fenced(let txid, let epoch):
            "another primary wrote \(txid) to this log\(epoch.map { " in epoch \($0)" } ?? ""); this one stops. "
                + "Only one may ship to a URL. Its own unshipped commits are still in the database"
        case .alreadyRunning(let path): "another fantail is replicating \(path) already"
        case .unshipped(let path, let cause):
            "not everything in \(path) could be shipped before the shutdown (\(cause)); the next start ships the rest"
        case .sqlite(let error): error.description
        case .file(let error): error.description
        case .ltx(let error): "cannot write an LTX file: \(error)"
        case .replica(let error): error.description
        case .other(let reason): reason
        }
    }
}

/// Runs a step of another room and gives its error this room's type, the cause kept.
func translating<T: ~Copyable>(_ work: () throws -> T) throws(PrimaryError) -> T {
    do { return try work() } catch { throw asPrimaryError(error) }
}

/// An error of any room as this room's.
func asPrimaryError(_ error: any Error) -> PrimaryError {
    switch error {
    case let error as PrimaryError: error
    case let error as SQLiteError: .sqlite(error)
    case let error as FileError: .file(error)
    case let error as LTXError: .ltx(error)
    case let error as ReplicaError: .replica(error)
    default: .other("\(error)")
    }
}
