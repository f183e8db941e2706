package import LTX
import ObjectStore

/// Reads the pages of the state that a plan leads to: each page once, in its newest version.
///
/// The files are read from the newest to the oldest, so that nothing is written that is written over later;
/// each is read and verified whole all the same. The pages are vouched for only once `next` has answered nil.
/// Memory: one `LogReader`, one batch, one bit a page.
package struct StateReader: ~Copyable, Sendable {
    /// The page size and commit are those of the state.
    package let header: LTXHeader
    /// The size of all files of the plan, in bytes.
    package let totalByteCount: Int64
    /// How many bytes of them came, or need not come.
    package private(set) var doneByteCount: Int64 = 0
    /// The state; nil before the end.
    package private(set) var state: DatabaseState?

    private let replica: Replica
    /// The files that come before the open one, oldest first.
    private var older: [LogFile]
    private var reader: LogReader?
    private var claims: PageClaims
    /// The size of the files that were read to their end, in bytes.
    private var finishedByteCount: Int64 = 0

    /// Opens the newest file of `plan`.
    ///
    /// Errors: as `LogReader.open`; `.missingPage` if the files cannot hold what the newest one claims.
    package static func open(_ replica: Replica, _ plan: RestorePlan) async throws(ReplicaError) -> StateReader {
        var files = plan.files
        let newest = files.removeLast()
        let reader = try await replica.open(newest)
        let claims = try PageClaims(newest: reader.header, fileByteCount: plan.byteCount)
        return StateReader(replica, plan, older: files, reader, claims)
    }

    private init(
        _ replica: Replica, _ plan: RestorePlan, older: [LogFile], _ reader: consuming LogReader, _ claims: PageClaims
    ) {
        self.replica = replica
        self.older = older
        self.claims = claims
        header = reader.header
        totalByteCount = plan.byteCount
        self.reader = consume reader
    }

    /// The next pages, in no order but within a batch; nil at the end, when `state` is known.
    ///
    /// Errors: as `LogReader.next`; `.discontinuous`, `.missingPage`, `.wrongState` if the files do not fit together.
    package mutating func next() async throws(ReplicaError) -> PageBatch? {
        var batch = PageBatch(pageSize: claims.pageSize)
        var page: [UInt8] = []
        // Out of the optional for the loop, and back in unless its file ends.
        while var open = reader.take() {
            while !batch.isFull {
                guard let number = try await open.next(into: &page) else { break }
                if let checksum = claims.claim(number, page.span) { batch.append(number, page, checksum) }
            }
            if batch.isFull {
                doneByteCount = finishedByteCount + open.readByteCount
                reader = consume open
                return batch
            }
            finishedByteCount += open.byteCount
            doneByteCount = finishedByteCount
            try await openOlder()
            if !batch.pages.isEmpty { return batch }
        }
        state = try claims.finish()
        doneByteCount = totalByteCount
        return nil
    }

    /// Opens the next file that counts, if any.
    private mutating func openOlder() async throws(ReplicaError) {
        guard !claims.isComplete, let file = older.popLast() else { return }
        let next = try await replica.open(file)
        if try claims.enter(next.header) { reader = consume next }
    }
}

extension Replica {
    /// Lists the log, plans, and opens the state at `target` (nil: at the head). Files with these keys are
    /// left out, as if they were not there.
    ///
    /// Errors: as `RestorePlan.restore` and `StateReader.open`.
    package func openState(
        _ target: TXID? = nil, leavingOut keys: Set<String> = []
    ) async throws(ReplicaError) -> StateReader {
        let usable = try await catalogue().leavingOut { keys.contains(layout.key($0.level, $0.name)) }
        let plan = try RestorePlan.restore(from: usable, to: target, store: store.description)
        return try await StateReader.open(self, plan)
    }
}
