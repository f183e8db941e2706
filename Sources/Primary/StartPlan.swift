import LTX

/// What a primary does first, given what it remembers and what is in the log: a pure decision.
enum StartPlan: Equatable {
    /// The log ends where this primary left it: go on, incrementally.
    case resume
    /// Ship the file that an earlier run wrote but may not have shipped, then go on.
    case resumeWithPending(TXID)
    /// Nothing is known that could be built on: a full image as the next TXID, in a new epoch.
    case image(after: TXID?, epoch: Epoch)
    /// Another primary has gone on with the log since.
    case refuse(TXID, Epoch)

    /// The end of the log on the store.
    struct Head: Equatable {
        let txid: TXID
        /// Nil if another program wrote it, or compacted it: then nothing proves that it is ours.
        let stamp: LTXStamp?
        let pageSize: PageSize
        /// Whether the database can be restored from the log; not if somebody wiped what it begins with.
        var isRestorable = true
    }

    /// `state`: nil where there is none for this log, or one that its checksum table does not match.
    /// `hasPending`: whether the file of the state's TXID is still on the local disk.
    static func decide(state: PrimaryState?, head: Head?, hasPending: Bool, secondsSince1970: UInt64) -> StartPlan {
        let newest = [state.flatMap { Epoch(rawValue: $0.epoch) }, head?.stamp?.epoch].compactMap(\.self).max()
        let epoch = Epoch(after: newest, secondsSince1970: secondsSince1970)
        guard let state, let position = state.position, let own = Epoch(rawValue: state.epoch) else {
            return .image(after: head?.txid, epoch: epoch)
        }
        if let head, let stamp = head.stamp, stamp.epoch > own { return .refuse(head.txid, stamp.epoch) }
        // Whatever we add to a log that has lost its beginning, nobody could restore it.
        if let head, !head.isRestorable { return .image(after: head.txid, epoch: epoch) }
        if hasPending, head?.txid == position.txid || head?.txid == position.txid.previous {
            return .resumeWithPending(position.txid)
        }
        guard let head, head.txid == position.txid,
            let stamp = head.stamp, stamp.epoch == own, stamp.after == position.checksum
        else { return .image(after: head?.txid, epoch: epoch) }
        return .resume
    }
}
