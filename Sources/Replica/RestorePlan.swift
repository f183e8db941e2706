package import LTX

/// Which files of a log lead to a state, oldest first. Pure: a catalogue in, a plan out.
///
/// Files may overlap, also with the state they begin at: pages are whole, so those of a later file win.
package struct RestorePlan: Hashable, Sendable {
    /// Each covers the TXID after the one that those before it reach, and goes on further.
    package let files: [LogFile]
    /// The TXID that they reach.
    package let end: TXID

    /// The size of all files, in bytes.
    package var byteCount: Int64 { files.reduce(0) { $0 + $1.size } }

    /// The way from nothing to `target`, or to the head: the newest snapshot that is not too new, and then
    /// whichever file goes on furthest.
    ///
    /// Errors: `.empty`, `.noBase`, `.gap`, `.targetAhead`, `.targetCompacted`.
    package static func restore(
        from catalogue: Catalogue, to target: TXID? = nil, store: String
    ) throws(ReplicaError) -> RestorePlan {
        guard let head = catalogue.head else { throw .empty(store: store) }
        if let target, target > head { throw .targetAhead(target, head: head) }
        let goal = target ?? head
        let usable = catalogue.readable.filter { $0.name.maxTXID <= goal }
        let snapshot = usable.filter { $0.level == .snapshot && $0.name.minTXID == .first }
            .max { $0.name.maxTXID < $1.name.maxTXID }
        var files = snapshot.map { [$0] } ?? []
        files += chain(after: snapshot?.name.maxTXID, in: usable)
        // A file from TXID 1 holds the whole database: nothing before it counts.
        if let base = files.lastIndex(where: { $0.name.minTXID == .first }) { files.removeFirst(base) }

        guard let end = files.last?.name.maxTXID else {
            let all = catalogue.readable
            if all.contains(where: { $0.name.minTXID == .first }) { throw .targetCompacted(goal, nearest: nil) }
            throw .noBase(first: all.map(\.name.minTXID).min() ?? .first)
        }
        guard end == goal else {
            let straddled = catalogue.readable.contains { $0.name.minTXID <= end.next && $0.name.maxTXID > goal }
            throw straddled ? .targetCompacted(goal, nearest: end) : .gap(missing: end.next, head: head)
        }
        return RestorePlan(files: files, end: end)
    }

    /// The way from `position` to the head without a snapshot; no files if it is there already.
    ///
    /// Errors: `.empty`; `.logBehind` and `.unbridgeable`, after which only a snapshot helps.
    package static func catchUp(
        from position: TXID, in catalogue: Catalogue, store: String
    ) throws(ReplicaError) -> RestorePlan {
        guard let head = catalogue.head else { throw .empty(store: store) }
        guard position <= head else { throw .logBehind(position: position, head: head) }
        let increments = catalogue.readable.filter { $0.name.minTXID != .first }
        let files = chain(after: position, in: increments)
        let end = files.last?.name.maxTXID ?? position
        guard end == head else { throw .unbridgeable(position: end, head: head) }
        return RestorePlan(files: files, end: end)
    }

    /// The files that go on from `position` (nil: from nothing) without a gap, each the one that goes furthest
    /// and, among those, the smallest.
    private static func chain(after position: TXID?, in files: [LogFile]) -> [LogFile] {
        let sorted = files.sorted { $0.name.minTXID < $1.name.minTXID }
        var candidates = sorted[...]
        var chain: [LogFile] = []
        var reached = position?.rawValue ?? 0
        var best: LogFile?
        while true {
            while let file = candidates.first, file.name.minTXID.rawValue <= reached + 1 {
                candidates.removeFirst()
                if best.map({ file.isBetter(than: $0) }) ?? true { best = file }
            }
            guard let next = best, next.name.maxTXID.rawValue > reached else { return chain }
            chain.append(next)
            reached = next.name.maxTXID.rawValue
        }
    }
}

extension LogFile {
    fileprivate func isBetter(than other: LogFile) -> Bool {
        name.maxTXID == other.name.maxTXID ? size < other.size : name.maxTXID > other.name.maxTXID
    }
}
