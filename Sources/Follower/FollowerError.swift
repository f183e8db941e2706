package import Files
package import LTX
package import Replica
package import SQLite

/// What can end or interrupt a follower's work.
package enum FollowerError: Error, Sendable {
    /// There is a file at the copy's path that fantail did not make.
    case notOurs(path: String)
    /// Another fantail keeps this copy already.
    case alreadyRunning(path: String)
    /// The copy shows a state that the record does not know: somebody wrote to it.
    case copyChanged(path: String)
    /// The copy cannot be made right in place: it is no database any more, or its pages have another size.
    case copyUnusable(path: String)
    /// The log goes on from another state than the one the copy is in.
    case diverged(txid: TXID, reason: String)
    case replica(ReplicaError)
    case restore(RestoreError)
    case sqlite(SQLiteError)
    case file(FileError)
    /// A failure of no kind that is known here, in its own words.
    case other(String)

    /// What to do about it.
    var reaction: ReplicaError.Reaction {
        switch self {
        case .notOurs, .alreadyRunning: .stop
        case .copyChanged, .copyUnusable, .diverged: .rebase
        case .replica(let error): error.reaction
        case .restore(let error): if case .replica(let cause) = error { cause.reaction } else { .stop }
        case .sqlite(let error): error.isBusy || error.isFull ? .retry : error.isCorrupt ? .rebase : .stop
        case .file(let error): error.isFull ? .retry : .stop
        case .other: .stop
        }
    }
}

extension FollowerError: CustomStringConvertible {
    /// One sentence that says what happened and what to do.
    package var description: String {
        switch self {
        case .notOurs(let path):
            "\(path) exists and was not made by fantail; name another file, or replace it with --force"
        case .alreadyRunning(let path): "another fantail is keeping \(path) in step already"
        case .copyChanged(let path): "somebody wrote to \(path), which is a copy; rebuilding it from the log"
        case .copyUnusable(let path): "\(path) cannot be made right in place; replacing the whole file"
        case .diverged(let txid, let reason): "the log left the copy's line at TXID \(txid): \(reason)"
        case .replica(let error): error.description
        case .restore(let error): error.description
        case .sqlite(let error): error.description
        case .file(let error): error.description
        case .other(let reason): reason
        }
    }
}

/// An error of any room as this room's.
func asFollowerError(_ error: any Error) -> FollowerError {
    switch error {
    case let error as FollowerError: error
    case let error as ReplicaError: .replica(error)
    case let error as RestoreError: .restore(error)
    case let error as SQLiteError: .sqlite(error)
    case let error as FileError: .file(error)
    default: .other("\(error)")
    }
}
