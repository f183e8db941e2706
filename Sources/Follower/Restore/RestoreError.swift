package import Files
package import Replica

/// What can keep a restore from its end. The output is then as it was before.
package enum RestoreError: Error, Hashable, Sendable {
    case replica(ReplicaError)
    case file(FileError)
    /// The output is there, and nobody said that it may be replaced.
    case exists(path: String)
    /// The output is not there, but a -wal, -shm or -journal of it is, whose content SQLite would mix in.
    case leftover(path: String)
    /// SQLite finds the restored database damaged: the log holds it as it was.
    case unsound(path: String, check: String, reason: String)
    /// Another restore to the same output is under way.
    case busy(path: String)
    /// The task was cancelled.
    case cancelled
}

extension RestoreError {
    /// The error of a block in which this room's calls stand beside those of its neighbours.
    init(_ error: any Error) {
        switch error {
        case let error as RestoreError: self = error
        case let error as ReplicaError: self = .replica(error)
        case let error as FileError: self = .file(error)
        default: preconditionFailure("BUG: an error of another room")
        }
    }
}

extension RestoreError: CustomStringConvertible {
    /// One sentence that says what happened and what to do.
    package var description: String {
        switch self {
        case .replica(let error): error.description
        case .file(let error): error.description
        case .exists(let path): "\(path) exists; restore elsewhere, or replace it with --force"
        case .leftover(let path):
            "\(path) was left behind by a database that is gone; move it away, or remove it with --force"
        case .unsound(let path, let check, let reason):
            "the restored database fails \(check) (\(reason)): nothing was put at \(path); the primary's database was "
                + "damaged by then, so restore an earlier --txid, or look at it with --integrity-check none"
        case .cancelled: "the restore was interrupted; nothing was left behind"
        case .busy(let path): "another restore is writing \(path); wait for it to end"
        }
    }
}
