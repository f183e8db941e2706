import Files
import LTX
import Replica

/// Turns captured pages into LTX files on the local disk and keeps the state that the log ends with.
///
/// The order on disk, so that a kill between any two steps is made good by the next start: the LTX file, the
/// state that names its TXID, the page checksums. The file goes only once it is in the store; until then a
/// checksum table that was not finished can be made from it.
struct LogWriter: Sendable {
    private let directory: MetaDirectory
    private(set) var state: PrimaryState
    private let checksums: PageChecksums
    /// A file that the state names already while the table lacks its checksums: a full disk came between.
    private var unfinished: Unfinished?

    private struct Unfinished {
        let file: LocalFile
        let changed: ChecksumList
    }

    /// Goes on from a saved state, if the checksum table matches it, else nil.
    init?(_ directory: MetaDirectory, resuming state: PrimaryState) throws {
        let checksums = try PageChecksums(path: directory.checksumsPath)
        let wanted = Checksum(rawValue: state.checksum)
        if try checksums.total() != wanted {
            guard let txid = TXID(rawValue: state.txid),
                try checksums.rollForward(directory.pendingPath(txid)), try checksums.total() == wanted
            else { return nil }
        }
        self.directory = directory
        self.state = state
        self.checksums = checksums
    }

    /// Begins a log, or goes on with one of which nothing is known but the TXID it ends with.
    init(
        _ directory: MetaDirectory, url: String, after txid: TXID?, epoch: Epoch, pageSize: PageSize, inode: UInt64?
    ) throws(FileError) {
        self.directory = directory
        checksums = try PageChecksums(path: directory.checksumsPath)
        try checksums.truncate(to: 0)
        state = PrimaryState(
            url: url, epoch: epoch.rawValue, txid: txid?.rawValue ?? 0, checksum: Checksum.empty.rawValue,
            pageSize: pageSize.byteCount, pageCount: 0, wal: nil, inode: inode)
    }

    /// Whether a page's content is what the log has for it.
    func isKnown(_ page: UInt32, _ bytes: borrowing [UInt8]) throws(FileError) -> Bool {
        guard page <= state.pageCount else { return false }
        return try checksums[page] == Checksum.page(PageNumber(rawValue: page)!, bytes.span)
    }

    /// Notes how far the WAL is in the log already, so that the next start can go on from there.
    mutating func note(_ place: PrimaryState.WALPlace) throws(FileError) {
        guard state.wal != place else { return }
        var next = state
        next.wal = place
        try next.save(directory.statePath)
        state = next
    }

    /// Makes the page checksums durable.
    func syncChecksums() throws(FileError) { try checksums.sync() }

    /// Begins a new term, as when the database is another file than the one captured before.
    mutating func beginEpoch(at secondsSince1970: UInt64, inode: UInt64?) {
        state.inode = inode
        state.epoch = Epoch(after: Epoch(rawValue: state.epoch), secondsSince1970: secondsSince1970).rawValue
    }

    /// Writes the LTX file for what capture set aside; nil if no byte of it is new to the log.
    mutating func write(_ sealed: SealedPages) throws -> LocalFile? {
        try write(
            sealed.stage.pageNumbers.lazy.filter { $0 <= sealed.pageCount }, pageCount: sealed.pageCount,
            place: sealed.place, image: sealed.image, milliseconds: WallClock.now / 1_000_000
        ) { page, bytes in try sealed.stage.read(page, into: &bytes) }
    }

    /// Writes the LTX file that leads from the last state to the one with these pages, the next TXID. Pages
    /// whose bytes did not change are left out; nil if nothing did.
    ///
    /// `pages`: ascending, none past `pageCount`, not the lock page. With an `image` all of them are there and
    /// none is left out; it is a file of its TXID, or a snapshot, which also stands for all TXIDs before. After an error, the same call again goes on where the first one failed.
    mutating func write(
        _ pages: some Sequence<UInt32>, pageCount: UInt32, place: PrimaryState.WALPlace, image: Image? = nil,
        milliseconds: Int64, read: (UInt32, inout [UInt8]) throws -> Void
    ) throws -> LocalFile? {
        if unfinished == nil {
            unfinished = try prepare(
                pages, pageCount: pageCount, place: place, image: image, milliseconds: milliseconds, read: read)
        }
        guard let step = unfinished else { return nil }
        try step.changed.store(in: checksums)
        try checksums.truncate(to: state.pageCount)
        unfinished = nil
        return step.file
    }

    /// Writes the file and then the state that names it. Until that is on the disk, nothing has changed.
    private mutating func prepare(
        _ pages: some Sequence<UInt32>, pageCount: UInt32, place: PrimaryState.WALPlace, image: Image?,
        milliseconds: Int64, read: (UInt32, inout [UInt8]) throws -> Void
    ) throws -> Unfinished? {
        guard let pageSize = PageSize(state.pageSize) else { preconditionFailure("BUG: impossible page size") }
        let txid = TXID(rawValue: state.txid)?.next ?? .first
        var encoder = LTXEncoder(pageSize: pageSize, commit: pageCount)
        let output = try File(directory.pendingPath(txid), .readWriteOrCreate)
        try output.truncate(to: 0)
        var end = Int64(LTXHeader.byteCount)
        var total = Checksum(rawValue: state.checksum)
        let changed = ChecksumList(scratch: directory.changedPath)
        var bytes = [UInt8](repeating: 0, count: pageSize.byteCount)
        for page in pages {
            try read(page, &bytes)
            let number = PageNumber(rawValue: page)!
            let checksum = Checksum.page(number, bytes.span)
            let old = page <= state.pageCount ? try checksums[page] : nil
            if image == nil, old == checksum { continue }
            if let old { total = total.toggling(old) }
            total = total.toggling(checksum)
            try changed.append(page, checksum)
            try encoder.append(number, bytes.span)
            if encoder.outputByteCount >= Self.flushByteCount { try Self.flush(&encoder, output, &end) }
        }
        guard changed.count > 0 || pageCount != state.pageCount else {
            try File.remove(output.path)
            return nil
        }
        if pageCount < state.pageCount {
            try checksums.forEach(from: pageCount + 1, through: state.pageCount) { _, old in total = total.toggling(old) }
        }
        try Self.flush(&encoder, output, &end)
        let stamp = LTXStamp(epoch: Epoch(rawValue: state.epoch)!, before: image == nil ? Checksum(rawValue: state.checksum) : nil, after: total)
        let name = image == .snapshot ? LTXFileName(minTXID: .first, maxTXID: txid) : LTXFileName(txid)
        let header = LTXHeader(
            pageSize: pageSize, commit: pageCount, name: name, timestampMilliseconds: milliseconds,
            wal: place.range(pageSize), stamp: stamp)
        precondition(image == nil || encoder.pageCount == header.snapshotPageCount, "BUG: an image that is not whole")
        let ending = try encoder.finish(header)
        try output.write(ending.tail, at: end)
        try output.write(ending.header, at: 0)
        try output.sync(metadata: true)
        var next = state
        next.txid = txid.rawValue
        next.checksum = total.rawValue
        next.pageCount = pageCount
        next.wal = place
        try next.save(directory.statePath)
        state = next
        let file = LocalFile(
            path: output.path, name: name, milliseconds: milliseconds, byteCount: end + Int64(ending.tail.count))
        return Unfinished(file: file, changed: changed)
    }

    /// Encoded bytes are written out in pieces of about this size, which keeps memory flat.
    private static let flushByteCount = 1 << 20

    private static func flush(_ encoder: inout LTXEncoder, _ output: borrowing File, _ end: inout Int64) throws(FileError) {
        let bytes = encoder.takeOutput()
        try output.write(bytes, at: end)
        end += Int64(bytes.count)
    }
}

/// How a file that holds the whole database stands in the log.
enum Image {
    /// As the file of its TXID, like any other.
    case captured
    /// As a snapshot: what comes before it cannot be read together with it, because its pages had another size or
    /// files of it are gone.
    case snapshot
}

/// An LTX file on the local disk, on its way to the store.
struct LocalFile: Sendable {
    let path: String
    let name: LTXFileName
    /// When it was captured, since 1970.
    let milliseconds: Int64
    let byteCount: Int64

    /// The state that it leads to.
    var txid: TXID { name.maxTXID }
    /// Where in the log it belongs.
    var level: Level { name.minTXID == name.maxTXID ? .captured : .snapshot }
}

extension LocalFile {
    /// The file at `path` as an earlier run left it; nil if there is none. It is taken as it is: it was synced
    /// before the state named it, and whoever downloads it verifies it.
    static func leftBehind(_ path: String) throws -> LocalFile? {
        guard let size = try File.status(path)?.size else { return nil }
        let bytes = try File(path, .read).readExactly(LTXHeader.byteCount, at: 0)
        let header = try LTXHeader(parsing: bytes.span)
        return LocalFile(path: path, name: header.name, milliseconds: header.timestampMilliseconds, byteCount: size)
    }
}

extension PrimaryState.WALPlace {
    /// For the LTX header, where Litestream looks for how far a file reaches: up to and including this frame.
    func range(_ pageSize: PageSize) -> LTXWALRange {
        guard frame > 0 else { return .none }
        return LTXWALRange(
            offset: 32, byteCount: Int64(frame) * Int64(24 + pageSize.byteCount), salt1: salt1, salt2: salt2)
    }
}
