import LTX
import Replica

/// An open copy and the stage of its next transaction, carried between the follower's task and its thread.
///
/// The copy itself is touched on the thread only and the stage only by whoever's turn it is: the task fills
/// it, then waits for the thread to apply it. That is what the unchecked conformance stands on.
final class CopyBox: @unchecked Sendable {
    private var copy: Copy?
    let stage: PageStage
    /// The smallest that the database is in any of the staged files, in pages.
    private var smallestPageCount: UInt32 = .max
    /// The state that readers see.
    private(set) var entry: CopyRecord.Entry

    init(_ copy: Copy, _ stage: PageStage) {
        self.copy = copy
        self.stage = stage
        entry = copy.current
    }

    /// The last TXID in the copy.
    var position: TXID {
        guard let txid = TXID(rawValue: entry.txid) else { preconditionFailure("BUG: a copy of nothing") }
        return txid
    }

    /// Takes in that the next staged file makes the database this small, at least for a while.
    func willShrink(to pageCount: UInt32) {
        guard pageCount < smallestPageCount else { return }
        smallestPageCount = pageCount
        stage.truncate(to: pageCount)
    }

    /// Stages what the copy lacks of a state. On the thread.
    func stageDifference(_ batch: PageBatch) throws { try opened().stageDifference(batch, into: stage) }

    /// Makes what is staged the next state, `next`. On the thread.
    func apply(_ next: CopyRecord.Entry) throws {
        let copy = opened()
        try copy.apply(stage, next, smallestPageCount: smallestPageCount)
        entry = copy.current
        try clearStage()
    }

    /// Forgets what is staged.
    func clearStage() throws {
        smallestPageCount = .max
        try stage.clear()
    }

    /// Throws if the copy's files are not those that are open any more. On the thread.
    func requireFiles() throws { try opened().requireFiles() }

    private func opened() -> Copy {
        guard let copy else { preconditionFailure("BUG: the copy is closed") }
        return copy
    }

    /// Closes the copy and lets its locks go. On the thread.
    func close() { copy = nil }
}
