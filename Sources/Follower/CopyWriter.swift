import LTX
import SQLite

/// Writes transactions into a copy's WAL by SQLite's own protocol, under the eyes of stock readers.
///
/// Holds the WAL's write lock for as long as it lives: a stray writer gets SQLITE_BUSY instead of a diverged
/// copy, and readers are served as beside any other writer. Lives on one thread.
/// Source: https://www.sqlite.org/walformat.html
final class CopyWriter {
    private let wal: WAL
    /// The header that readers see.
    private(set) var header: WALIndexHeader {
        didSet { newest = nil }
    }
    /// The newest frame of each page in the WAL; nil until somebody asks.
    private var newest: [UInt32: UInt32]?

    /// Opens the copy at `path`, which recovers its WAL if need be, and takes the write lock.
    ///
    /// Errors: a busy `.sqlite` if somebody is writing to the copy.
    init(path: String) throws(SQLiteError) {
        wal = try WAL(path: path)
        guard try wal.tryLock(.write, .exclusive) else {
            throw .sqlite(code: 5, message: "somebody is writing to the copy", doing: "open \(path)")
        }
        header = try wal.header()
        // A kill in the middle of a restart leaves the count of the WAL before: its frames would pass for copied.
        if wal.backfilledFrameCount > header.lastFrame { wal.backfilledFrameCount = 0 }
    }

    deinit { wal.unlock(.write, .exclusive) }

    /// Where a transaction's frames end, known before any reader can see them.
    struct Prepared {
        let header: WALIndexHeader
        fileprivate let pages: [UInt32]
        fileprivate let firstFrame: UInt32
        /// The commit frame's bytes, held back: without them the frames before it are nothing to anybody.
        fileprivate let commitFrame: [UInt8]
    }

    /// Appends a transaction's frames, but for the last, which makes them one.
    ///
    /// `pages`: ascending, at least one, none past `pageCount`. `pageCount`: the database's size after it.
    func prepare(
        _ pages: [UInt32], pageSize: Int, pageCount: UInt32, read: (UInt32, inout [UInt8]) throws -> Void
    ) throws -> Prepared {
        precondition(!pages.isEmpty, "BUG: a transaction without a page")
        var next = header
        if next.lastFrame == 0 { try begin(&next, pageSize: pageSize) }
        let firstFrame = next.lastFrame + 1
        var offset = WAL.offset(ofFrame: firstFrame, pageSize: pageSize)
        var buffer: [UInt8] = []
        var page = [UInt8](repeating: 0, count: pageSize)
        for (index, number) in pages.enumerated() {
            try read(number, &page)
            let isLast = index == pages.count - 1
            if isLast || buffer.count >= Self.bufferByteCount {
                try wal.writeWAL(buffer.span, at: offset)
                offset += Int64(buffer.count)
                buffer.removeAll(keepingCapacity: true)
            }
            appendFrame(number, commit: isLast ? pageCount : 0, page, &next, to: &buffer)
        }
        next.lastFrame = firstFrame + UInt32(pages.count) - 1
        next.pageCount = pageCount
        next.changeCount &+= 1
        return Prepared(header: next, pages: pages, firstFrame: firstFrame, commitFrame: buffer)
    }

    /// Makes a prepared transaction the one that new readers see.
    func commit(_ prepared: Prepared) throws(SQLiteError) {
        try wal.writeWAL(
            prepared.commitFrame.span, at: WAL.offset(ofFrame: prepared.header.lastFrame, pageSize: prepared.header.pageSize))
        for (index, page) in prepared.pages.enumerated() {
            try wal.noteFrame(prepared.firstFrame + UInt32(index), pageNumber: page)
        }
        try wal.publish(prepared.header)
        header = prepared.header
    }

    /// Frames are written in pieces of about this size.
    private static let bufferByteCount = 256 << 10

    private func appendFrame(
        _ number: UInt32, commit: UInt32, _ page: [UInt8], _ next: inout WALIndexHeader, to buffer: inout [UInt8]
    ) {
        var frame = WALFrameHeader(
            pageNumber: number, commitPageCount: commit, salts: next.salts, checksum: next.frameChecksum)
        let encoded = frame.encoded()
        next.frameChecksum.update(encoded.span.extracting(0..<8), bigEndian: next.isBigEndianChecksum)
        next.frameChecksum.update(page.span, bigEndian: next.isBigEndianChecksum)
        frame.checksum = next.frameChecksum
        buffer += frame.encoded()
        buffer += page
    }

    /// Writes the header of an empty WAL.
    private func begin(_ next: inout WALIndexHeader, pageSize: Int) throws(SQLiteError) {
        if next.salts == WALSalts(0, 0) { next.salts = WALSalts(.random(in: .min ... .max), .random(in: .min ... .max)) }
        next.pageSize = pageSize
        next.isBigEndianChecksum = 1.bigEndian == 1
        let words: [UInt32] = [
            0x377f_0682 | (next.isBigEndianChecksum ? 1 : 0), 3_007_000, UInt32(pageSize), 0, next.salts.salt1,
            next.salts.salt2,
        ]
        var bytes = words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) } }
        var sum = WALChecksum()
        sum.update(bytes.span, bigEndian: next.isBigEndianChecksum)
        for word in [sum.sum1, sum.sum2] { bytes += (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) } }
        try wal.writeWAL(bytes.span, at: 0)
        next.frameChecksum = sum
    }

    // MARK: The database file

    /// The size of a page, in bytes; 0 for a database without one.
    func pageSize() throws(SQLiteError) -> Int { try wal.pageSize() }

    /// The size of the database that readers see, in pages.
    func pageCount() throws(SQLiteError) -> UInt32 {
        let pageSize = try wal.pageSize()
        return pageSize == 0 ? 0 : try wal.pageCount(header, pageSize: pageSize)
    }

    /// Whether every page that is not in the WAL is within the file: somebody may have cut it off.
    func isWhole(_ pageSize: PageSize) throws(SQLiteError) -> Bool {
        let frames = try newestFrames()
        var last = try pageCount()
        while last > 0, frames[last] != nil || last == pageSize.lockPage.rawValue { last -= 1 }
        return try wal.databaseByteCount() >= Int64(last) * Int64(pageSize.byteCount)
    }

    /// Reads a page as readers see it: `bytes` must be one page long.
    func read(_ page: UInt32, _ bytes: inout [UInt8]) throws(SQLiteError) {
        if let frame = try newestFrames()[page] {
            try wal.readFrame(frame, of: page, header, into: &bytes)
        } else {
            try wal.readDatabase(into: &bytes, at: Int64(page - 1) * Int64(bytes.count))
        }
    }

    /// The pages that are in the WAL, in ascending order.
    func pagesInWAL() throws(SQLiteError) -> [UInt32] { try newestFrames().keys.sorted() }

    private func newestFrames() throws(SQLiteError) -> [UInt32: UInt32] {
        if let newest { return newest }
        var frames: [UInt32: UInt32] = [:]
        if header.lastFrame > 0 { try wal.forEachPage(in: 1...header.lastFrame) { frame, page in frames[page] = frame } }
        newest = frames
        return frames
    }

    // MARK: Keeping the WAL short

    /// Copies what it can of the WAL into the database; readers keep their snapshots.
    func checkpoint() throws(SQLiteError) { _ = try wal.checkpoint() }

    /// The header that a restart of the WAL would publish, or nil as long as frames are missing in the database.
    func restartHeader() -> WALIndexHeader? {
        guard header.lastFrame > 0, wal.backfilledFrameCount == header.lastFrame else { return nil }
        var next = header
        next.lastFrame = 0
        next.salts = WALSalts(header.salts.salt1 &+ 1, .random(in: .min ... .max))
        next.changeCount &+= 1
        return next
    }

    /// Begins the WAL anew, as SQLite's writers do, unless a reader stands on a frame of it. Calls `announce`
    /// before readers can see it.
    func restart(_ next: WALIndexHeader, announce: () throws -> Void = {}) throws -> Bool {
        var held: [Int] = []
        defer { for slot in held { wal.unlock(.read(slot), .exclusive) } }
        for slot in 1...4 {
            guard try wal.tryLock(.read(slot), .exclusive) else { return false }
            held.append(slot)
        }
        try announce()
        try wal.publish(next)
        wal.backfilledFrameCount = 0
        wal.attemptedFrameCount = 0
        wal[mark: 1] = 0
        for slot in 2...4 { wal[mark: slot] = WAL.unusedMark }
        header = next
        // A huge transaction must not keep its disk space for ever. Nobody reads the file now: those who have
        // the database alone need none of it, and all others are locked out for this moment.
        if try wal.walByteCount() > Self.walByteLimit { try wal.truncateWAL() }
        return true
    }

    /// Some ten times what the WAL has when nobody is in the way.
    private static let walByteLimit: Int64 = 64 << 20
}
