package import Files
package import LTX
import ObjectStore
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
    /// The log was begun anew after the copy's state was written: it is another history now.
    case begunAnew(position: TXID, head: TXID)
    case replica(ReplicaError)
    case restore(RestoreError)
    case sqlite(SQLiteError)
    case file(FileError)
    /// A failure of no kind that is known here, in its own words.
    case other(String)

    /// What to do about it.
    var reaction: ReplicaError.Reaction {
        if let logError { return Self.reaction(to: logError) }
        switch self {
        case .notOurs, .alreadyRunning, .other, .replica: return .stop
        case .copyChanged, .copyUnusable, .diverged, .begunAnew: return .rebase
        case .restore(let error):
            guard case .file(let cause) = error else { return .stop }
            return cause.isFull ? .retry : .stop
        case .sqlite(let error):
            if error.isCorrupt { return .rebase }
            // A full disk shows as a failing device where shared memory cannot grow.
            return error.isBusy || error.isFull || error.isDeviceFailure ? .retry : .stop
        case .file(let error): return error.isFull ? .retry : .stop
        }
    }

    /// What the log, or the store that it is on, has to do with it; nil if nothing.
    var logError: ReplicaError? {
        switch self {
        case .replica(let error), .restore(.replica(let error)): error
        default: nil
        }
    }

    /// A follower outlives whatever befalls its log, and says so meanwhile: a store that refuses may be put
    /// right, a lost file may come back, a snapshot may be taken.
    private static func reaction(to error: ReplicaError) -> ReplicaError.Reaction {
        switch error {
        case .store(.invalidKey): .stop
        case .store, .gap, .noBase, .logBehind: .retry
        // Whole or not: another file may hold the same.
        case .damaged: .rebase
        default: error.reaction
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
        case .begunAnew(let position, let head):
            "the log was begun anew after TXID \(position) of the copy, and ends at \(head) now; following the new one"
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
