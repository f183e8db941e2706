package import Files
package import LTX
package import ObjectStore

/// What can go wrong between a log and whoever reads or writes it.
package enum ReplicaError: Error, Hashable, Sendable {
    case store(StoreError)
    /// A local file that was to be published cannot be read.
    case local(FileError)

    // What a log holds.
    /// No file at all.
    case empty(store: String)
    /// Files, but none to begin with: no snapshot, and nothing from TXID 1.
    case noBase(first: TXID)
    /// `missing` is in no file, though the log goes on to `head`.
    case gap(missing: TXID, head: TXID)
    /// The log ends before the TXID that was asked for.
    case targetAhead(TXID, head: TXID)
    /// The TXID that was asked for lies inside a compacted file; `nearest` is the last before it that can be had.
    case targetCompacted(TXID, nearest: TXID?)
    /// Nothing leads from `position` on any more: the files were compacted into a snapshot.
    case unbridgeable(position: TXID, head: TXID)
    /// The log ends before the position that was reached: it was wiped, or it is another one.
    case logBehind(position: TXID, head: TXID)

    // One file.
    /// Gone between being seen and being read: compacted meanwhile.
    case vanished(key: String)
    /// Replaced while it was being read.
    case changed(key: String)
    /// Not what an LTX file has to be.
    case damaged(key: String, LTXError)
    /// A header that disagrees with the name.
    case misnamed(key: String, holds: LTXFileName)

    // What files add up to.
    /// The file that begins at the TXID continues another state than the one that the file before it leads to.
    case discontinuous(TXID, state: Checksum, expects: Checksum)
    /// No file holds the page, though the database at the TXID has it.
    case missingPage(PageNumber, txid: TXID)
    /// The pages of the database at the TXID are not those that its stamp was made of.
    case wrongState(TXID, computed: Checksum, stamped: Checksum)

    /// Another primary wrote this TXID: the log is no longer ours.
    case fenced(TXID)
}

extension ReplicaError {
    /// What whoever meets the error does next.
    package enum Reaction: Hashable, Sendable {
        /// The same again, a little later.
        case retry
        /// List the log anew and plan again.
        case replan
        /// Begin again from a snapshot.
        case rebase
        /// Stop, and tell a person.
        case stop
    }

    /// What to do about it.
    package var reaction: Reaction {
        switch self {
        case .store(.rootMissing), .empty: .retry
        case .store(let error): error.isTransient ? .retry : .stop
        // A store that is not atomic shows a file before it is whole.
        case .damaged(_, .truncated): .retry
        case .vanished, .changed: .replan
        case .unbridgeable, .damaged, .misnamed, .discontinuous, .missingPage, .wrongState: .rebase
        case .local, .noBase, .gap, .targetAhead, .targetCompacted, .logBehind, .fenced: .stop
        }
    }
}

extension ReplicaError {
    /// The file that is not what it has to be, if it is that: another one may hold the same TXIDs.
    package var damagedKey: String? {
        switch self {
        case .damaged(let key, _), .misnamed(let key, _): key
        default: nil
        }
    }
}

extension ReplicaError: CustomStringConvertible {
    /// One sentence that says what happened and what to do.
    package var description: String {
        switch self {
        case .store(let error): error.description
        case .local(let error): error.description
        case .empty(let store): "\(store) holds no log; check the URL, or start `fantail replicate` there first"
        case .noBase(let first):
            "the log begins at TXID \(first) and has no snapshot: nothing can be restored from it; take a new snapshot"
        case .gap(let missing, let head):
            "TXID \(missing) is in no file, though the log goes on to \(head); restore with --txid before it, "
                + "or take a new snapshot"
        case .targetAhead(let target, let head): "TXID \(target) is not in the log, which ends at \(head)"
        case .targetCompacted(let target, let nearest):
            "TXID \(target) was compacted into a longer range; "
                + (nearest.map { "the nearest before it is \($0)" } ?? "nothing before it can be restored either")
        case .unbridgeable(let position, let head):
            "no files lead from TXID \(position) on to \(head) any more; the copy has to be rebuilt from a snapshot"
        case .logBehind(let position, let head):
            "the log ends at TXID \(head), before the \(position) that was reached: it was wiped, or is another log"
        case .vanished(let key): "\(key): deleted while it was about to be read"
        case .changed(let key): "\(key): replaced while it was being read"
        case .damaged(let key, let error): "\(key): \(error)"
        case .misnamed(let key, let name): "\(key): holds \(name) by its header; it was renamed or copied over"
        case .discontinuous(let txid, let state, let expects):
            "the file from TXID \(txid) on continues a state \(expects), but the one before it is \(state): "
                + "two logs were mixed; restore with --txid before it, or take a new snapshot"
        case .missingPage(let page, let txid):
            "page \(page) of the database at TXID \(txid) is in no file; restore an earlier --txid, "
                + "or take a new snapshot"
        case .wrongState(let txid, let computed, let stamped):
            "the pages at TXID \(txid) add up to \(computed), not to \(stamped) as they did when they were written; "
                + "restore an earlier --txid, or take a new snapshot"
        case .fenced(let txid):
            "another primary wrote TXID \(txid): stop this one, and restore or follow what the other one ships"
        }
    }
}
