package import LTX

/// Something in a log that is not as it should be.
package enum LogFinding: Hashable, Sendable {
    /// A file that cannot be read, or does not hold or continue what it says.
    case file(LogFile, ReplicaError)
    /// TXIDs that a level leaves out, though it has files on both sides.
    case hole(Level, first: TXID, last: TXID)
    /// Two files of one level that share TXIDs.
    case overlap(LogFile, LogFile)
    /// Two files that both lead to the TXID, but to different states.
    case fork(TXID, LogFile, LogFile)
    /// The head cannot be restored.
    case unrestorable(ReplicaError)
}

extension LogFinding: CustomStringConvertible {
    /// One sentence that says what is wrong.
    package var description: String {
        switch self {
        case .file(let file, let error): "\(file): \(error)"
        case .hole(let level, let first, let last): "level \(level.rawValue) leaves out TXIDs \(first) to \(last)"
        case .overlap(let file, let other): "\(file) and \(other) overlap"
        case .fork(let txid, let file, let other):
            "\(file) and \(other) lead to different states at TXID \(txid): two logs were mixed"
        case .unrestorable(let error): "the head of the log cannot be restored: \(error)"
        }
    }
}
