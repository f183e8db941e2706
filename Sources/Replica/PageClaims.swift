import LTX

/// Which page of which file belongs to a state, deciding file by file from the newest to the oldest.
///
/// The first version of a page that comes is the newest and claims it; each page is claimed once. Memory: one
/// bit a page.
struct PageClaims: Sendable {
    let pageSize: PageSize
    let commit: UInt32
    /// The file that decides what the state is: the newest.
    private let last: LTXHeader
    /// The file entered last, which the next one comes before.
    private var newer: LTXHeader
    /// What lies beyond was cut off by a newer file, also if the database grew again later.
    private var limit: UInt32
    private var claimed: [UInt64]
    private(set) var claimedCount = 0
    private var checksum = Checksum.empty

    /// Begins with the newest file, whose pages come first.
    ///
    /// `fileByteCount` is the size of all files: a commit that they cannot fill is refused before it costs memory.
    init(newest header: LTXHeader, fileByteCount: Int64) throws(ReplicaError) {
        // Even a page of zeros takes ten bytes of frame header, besides its LZ4 block.
        guard Int64(header.snapshotPageCount) <= fileByteCount / 10 else {
            throw .missingPage(.first, txid: header.name.maxTXID)
        }
        last = header
        newer = header
        pageSize = header.pageSize
        commit = header.commit
        limit = header.commit
        claimed = [UInt64](repeating: 0, count: Int(header.commit) / 64 + 1)
    }

    /// Whether every page is there, so that nothing older counts.
    var isComplete: Bool { claimedCount == last.snapshotPageCount }

    /// Goes on to the next older file. False if it counts for nothing, nor does anything older: a newer file
    /// changed the page size or began a history of its own, which only a file with the whole database can.
    ///
    /// Errors: `.discontinuous` if the newer file continues another state than the one this leads to.
    mutating func enter(_ header: LTXHeader) throws(ReplicaError) -> Bool {
        guard header.pageSize == pageSize else { return false }
        if let stamp = newer.stamp {
            guard let before = stamp.before else { return false }
            if let after = header.stamp?.after, header.name.maxTXID.next == newer.name.minTXID, after != before {
                throw .discontinuous(newer.name.minTXID, state: after, expects: before)
            }
        }
        newer = header
        limit = min(limit, header.commit)
        return true
    }

    /// The page's checksum if it belongs to the state; nil if a newer version came before or cut it off.
    mutating func claim(_ page: PageNumber, _ bytes: Span<UInt8>) -> Checksum? {
        let index = Int(page.rawValue) / 64
        let bit = UInt64(1) << UInt64(page.rawValue % 64)
        guard page.rawValue <= limit, claimed[index] & bit == 0 else { return nil }
        claimed[index] |= bit
        claimedCount += 1
        let pageChecksum = Checksum.page(page, bytes)
        checksum = checksum.toggling(pageChecksum)
        return pageChecksum
    }

    /// The state, once all files were entered.
    ///
    /// Errors: `.missingPage`, or `.wrongState` if the pages do not add up to what the newest file's stamp says.
    func finish() throws(ReplicaError) -> DatabaseState {
        let txid = last.name.maxTXID
        guard isComplete else { throw .missingPage(firstMissing, txid: txid) }
        if let stamped = last.stamp?.after, stamped != checksum {
            throw .wrongState(txid, computed: checksum, stamped: stamped)
        }
        return DatabaseState(
            position: Position(txid: txid, checksum: checksum), epoch: last.stamp?.epoch, pageSize: pageSize,
            commit: commit, timestampMilliseconds: last.timestampMilliseconds)
    }

    private var firstMissing: PageNumber {
        for number in 1...commit where claimed[Int(number) / 64] & 1 << UInt64(number % 64) == 0 {
            let page = PageNumber(rawValue: number)!
            if page != pageSize.lockPage { return page }
        }
        preconditionFailure("BUG: no page is missing")
    }
}
