import LTX
import Logging
import ObjectStore
import Replica

/// Going on with an open copy.
extension Follower {
    /// Catches up with the head, then asks for one file after the other, until cancelled or done.
    func follow(_ copy: CopyBox, _ effort: inout Effort) async throws(FollowerError) {
        status.catchingUp()
        try await catchUp(copy, &effort)
        status.live()
        effort.succeeded()
        var misses = 0
        while !options.once, !Task.isCancelled {
            if try await applyNext(copy, &effort) {
                misses = 0
                status.live()
                effort.succeeded()
                continue
            }
            misses += 1
            try await onThread { try copy.requireFiles() }
            // The next file may have been compacted away or lost, or the log may end before the copy: a listing
            // tells. Seldom, for it costs a dozen times what a look costs.
            if misses % Self.missesPerListing == 0 {
                try await catchUp(copy, &effort)
            } else if misses > 1, misses.nonzeroBitCount == 1, try await isBeyond(copy.position.next) {
                try await catchUp(copy, &effort)
            }
            status.live()
            effort.succeeded()
            try? await Task.sleep(for: options.pollInterval)
        }
    }

    /// A log that ends before the copy is noticed within this many looks for the next file.
    private static let missesPerListing = 30

    /// Whether the log goes on without the level-0 file of `txid`, as far as two names can tell: the file after it,
    /// and the snapshot in its place.
    private func isBeyond(_ txid: TXID) async throws(FollowerError) -> Bool {
        do throws(ReplicaError) {
            if try await replica.open(txid.next) != nil { return true }
            _ = try await LogReader.open(replica, .snapshot, LTXFileName(minTXID: .first, maxTXID: txid))
            return true
        } catch {
            switch error {
            case .vanished: return false
            case .store: throw .replica(error)
            // There is something, whatever is wrong with it.
            default: return true
            }
        }
    }

    /// Asks for the next file by name, and applies it; false if there is none yet.
    private func applyNext(_ copy: CopyBox, _ effort: inout Effort) async throws(FollowerError) -> Bool {
        do {
            guard let reader = try await replica.open(copy.position.next) else { return false }
            try await commit(try await stage(reader, copy, continuing: copy.entry), copy)
            return true
        } catch {
            guard effort.damage.note(error) else { throw asFollowerError(error) }
        }
        // Another file may hold the same.
        try await catchUp(copy, &effort)
        return true
    }

    /// Brings the copy to the head in one transaction: readers must not see states go by that are long past.
    ///
    /// Errors: what is wrong with a damaged file, if the head cannot be reached without; the copy is then as near
    /// to it as can be.
    private func catchUp(_ copy: CopyBox, _ effort: inout Effort) async throws(FollowerError) {
        do {
            while true {
                let all = try await replica.catalogue()
                try await requireSameHistory(copy, all)
                let keys = effort.damage.keys
                let usable = all.leavingOut { keys.contains(replica.layout.key($0.level, $0.name)) }
                let plan: RestorePlan
                do throws(ReplicaError) {
                    plan = try RestorePlan.catchUp(from: copy.position, in: usable, store: replica.store.description)
                } catch { throw effort.damage.error ?? error }
                do {
                    try await apply(plan, to: copy)
                } catch {
                    guard effort.damage.note(error) else { throw error }
                    try copy.clearStage()
                    continue
                }
                if let error = effort.damage.error, let head = all.head, copy.position < head { throw error }
                return
            }
        } catch { throw asFollowerError(error) }
    }

    private func apply(_ plan: RestorePlan, to copy: CopyBox) async throws {
        guard !plan.files.isEmpty else { return }
        var entry = copy.entry
        for file in plan.files { entry = try await stage(try await replica.open(file), copy, continuing: entry) }
        try await commit(entry, copy)
    }

    /// Throws if the log is another one than the copy came from: it was wiped, say, and begun anew.
    ///
    /// TXIDs begin again then. A log that ends before the copy was begun anew if its head is of a later epoch, or
    /// was captured later; if not, the listing may be an old one. A log that is past the copy again shows by any
    /// file up to the copy's TXID: in the copy's own history none was captured later than the one that was applied.
    /// Only for files that do not tell by their stamps; and not by snapshots, which are made when all is captured.
    private func requireSameHistory(_ copy: CopyBox, _ catalogue: Catalogue) async throws {
        guard let head = catalogue.head else { return }
        let isBehind = head < copy.position
        guard isBehind || copy.entry.epoch == 0 else { return }
        let known = catalogue.readable.filter {
            $0.name.maxTXID <= copy.position && ($0.level != .snapshot || isBehind)
        }
        // The first of the newest: of those that end together the one of the lowest level was captured, not compacted.
        guard let end = known.max(by: { $0.name.maxTXID < $1.name.maxTXID }) else { return }
        let header = try await replica.open(end).header
        guard isLater(header, than: copy.entry, orOfLaterEpoch: isBehind) else { return }
        throw FollowerError.begunAnew(position: copy.position, head: head)
    }

    private func isLater(_ header: LTXHeader, than entry: CopyRecord.Entry, orOfLaterEpoch: Bool) -> Bool {
        if let stamp = header.stamp, entry.epoch != 0 { return orOfLaterEpoch && stamp.epoch.rawValue > entry.epoch }
        return entry.milliseconds.map { header.timestampMilliseconds > $0 } ?? false
    }

    /// Fetches and verifies one file into the stage, and answers the state that it leads to.
    ///
    /// Errors: `.diverged` if the file is stamped and does not continue `state`.
    private func stage(
        _ reader: consuming LogReader, _ copy: CopyBox, continuing state: CopyRecord.Entry
    ) async throws -> CopyRecord.Entry {
        var reader = consume reader
        let header = reader.header
        try requireContinuation(header, state)
        guard header.pageSize == copy.stage.pageSize else {
            throw FollowerError.diverged(txid: header.name.maxTXID, reason: "its pages have another size")
        }
        copy.willShrink(to: header.commit)
        var page: [UInt8] = []
        while let number = try await reader.next(into: &page) {
            try Task.checkCancellation()
            try copy.stage.put(number.rawValue, page)
        }
        var entry = state
        entry.txid = header.name.maxTXID.rawValue
        entry.pageCount = header.commit
        entry.checksum = header.stamp?.after.rawValue
        entry.epoch = header.stamp?.epoch.rawValue ?? 0
        entry.milliseconds = header.timestampMilliseconds
        return entry
    }

    /// A stamped file says which state it continues. One that replaces everything, or one whose range begins
    /// before the copy's state, cannot be held against it; an unstamped one is another program's.
    private func requireContinuation(_ header: LTXHeader, _ state: CopyRecord.Entry) throws(FollowerError) {
        guard let stamp = header.stamp, header.name.minTXID.rawValue == state.txid + 1 else { return }
        if stamp.epoch.rawValue < state.epoch {
            throw .diverged(txid: header.name.maxTXID, reason: "it was written in an older epoch")
        }
        if let before = stamp.before, let known = state.checksum, before.rawValue != known {
            throw .diverged(txid: header.name.maxTXID, reason: "it continues another state")
        }
    }

    /// Makes what is staged the copy's next state.
    func commit(_ entry: CopyRecord.Entry, _ copy: CopyBox) async throws(FollowerError) {
        try await onThread { try copy.apply(entry) }
        logger.debug(
            "applied ltx", metadata: ["txid.max": "\(copy.position)", "db.pages": "\(entry.pageCount)"])
    }
}
