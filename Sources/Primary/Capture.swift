import Files
import LTX
import Replica
import SQLite

/// Follows one database's WAL and collects the newest content of every page that commits have changed.
///
/// It reads as little as possible while the app writes: which pages changed comes from the WAL-index in shared
/// memory; their content is read when it must be, before the WAL may be restarted or a file is sealed.
/// Lives on one thread. See `WALHold` for what keeps frames from vanishing.
final class Capture {
    let wal: WAL
    var files: DatabaseFiles
    var hold: WALHold
    private var stage: PageStage
    let pageSize: PageSize
    /// The header up to whose last frame everything is known.
    private(set) var seen: WALIndexHeader
    /// The size of the database at `seen`, in pages.
    private(set) var pageCount: UInt32
    /// The newest frame of each page that changed and is not staged yet; all of the WAL's current generation.
    private var pending: [UInt32: UInt32] = [:]
    /// The smallest that the database has been since the last seal, in pages: pages past it are new.
    private var smallestPageCount: UInt32
    private var sealedPageCount: UInt32
    private var backfilled: UInt32
    private var page: [UInt8]

    /// Attaches to the database at `path`; from now on no frame is lost.
    ///
    /// Nothing counts as captured yet: `resume` or `beginScan` says where the log stands.
    init(path: String, stagePath: String) throws(PrimaryError) {
        let wal: WAL
        do throws(SQLiteError) { wal = try WAL(path: path) } catch {
            // Gone since it was waited for, as when it is deleted to be made anew.
            guard try translating({ try File.exists(path) }) else { throw .databaseMissing(path: path) }
            throw .sqlite(error)
        }
        let files = try translating { try DatabaseFiles(wal) }
        var hold = WALHold(wal)
        let pageSize = try translating {
            // Readers come and go in microseconds; this many tries outlast any crowd of them.
            for _ in 0..<1000 where try hold.takeMark(at: WAL.unusedMark) {
                guard let size = PageSize(try wal.pageSize()) else { throw PrimaryError.databaseMissing(path: path) }
                return size
            }
            throw PrimaryError.walLost(path: path)
        }
        stage = try translating { try PageStage(path: stagePath, pageSize: pageSize) }
        let header = try translating { try wal.header() }
        let pageCount = try translating { try wal.pageCount(header, pageSize: pageSize.byteCount) }
        self.wal = wal
        self.files = files
        self.hold = hold
        self.pageSize = pageSize
        self.pageCount = pageCount
        seen = header
        smallestPageCount = pageCount
        sealedPageCount = pageCount
        backfilled = wal.backfilledFrameCount
        page = [UInt8](repeating: 0, count: pageSize.byteCount)
    }

    /// Whether there is something to seal.
    var isDirty: Bool { !pending.isEmpty || !stage.isEmpty || pageCount != sealedPageCount }

    /// Whether the next writer restarts the WAL, so that a checkpoint would have nothing to do.
    var isCheckpointed: Bool { hold.isZero }

    /// Frames in the WAL.
    var frameCount: UInt32 { seen.lastFrame }

    /// Throws if somebody replaced, deleted or overwrote one of the database's files behind SQLite's back.
    func checkFiles() throws(PrimaryError) {
        do { try translating { try files.check(wal) } } catch {
            // What was copied over a database whose WAL was all in it is what everybody reads now. Recovery, after
            // the last connection is gone, would put the old WAL's pages on top of it.
            if case .databaseOverwritten = error, hold.isZero { try? wal.truncateIfCopied() }
            throw error
        }
    }

    // MARK: Where to begin

    /// Goes on behind `place`, if the WAL proves that nothing was missed since: the same generation, and at
    /// that frame the same running checksum.
    ///
    /// A WAL without salts proves nothing: it looks the same after another one came and went, as it does
    /// whenever the app's last connection closes.
    func resume(after place: PrimaryState.WALPlace, pageCount: UInt32) throws(PrimaryError) -> Bool {
        try translating {
            let header = try wal.header()
            guard place.salts != .none, header.salts == place.salts, header.lastFrame >= place.frame else { return false }
            var start = header
            start.lastFrame = place.frame
            if place.frame > 0 {
                guard try wal.frameHeader(place.frame, header).checksum == place.checksum else { return false }
            }
            seen = start
            self.pageCount = pageCount
            smallestPageCount = pageCount
            sealedPageCount = pageCount
            // Nobody knows what was checkpointed meanwhile, so the sizes of all commits since matter.
            backfilled = .max
            return true
        }
    }

    /// Begins knowing nothing but the size, in pages, that the log has for the database (nil: a whole image is
    /// wanted): all that is in the WAL counts as changed, and the rest of the database is for a `DatabaseScan`.
    func beginScan(known: UInt32?) throws(PrimaryError) {
        try translating {
            seen = try wal.header()
            pageCount = try wal.pageCount(seen, pageSize: pageSize.byteCount)
            seen.lastFrame = 0
            pending.removeAll()
            smallestPageCount = pageCount
            sealedPageCount = known ?? pageCount
            backfilled = .max
            if known == nil { stage.expectAllPages() }
        }
    }

    /// Calls `body` with those pages of a range that were not written of late, as they are in the database file, and
    /// sets aside the ones for which it answers true.
    ///
    /// No lock keeps them as they are. A page that is written, or half copied by a checkpoint, at this very moment
    /// has a frame in the WAL by then: the next look sees that, and takes it in place of what was read here.
    func scan(_ pages: ClosedRange<UInt32>, _ body: (UInt32, [UInt8]) throws -> Bool) throws(PrimaryError) {
        try translating {
            let lockPage = pageSize.lockPage.rawValue
            // What was cut off at some time and is there again is for `stageRegrownPages`.
            for number in pages where number <= min(pageCount, smallestPageCount) && number != lockPage {
                if pending[number] != nil || stage.contains(number) { continue }
                try wal.readDatabase(into: &page, at: Int64(number - 1) * Int64(pageSize.byteCount))
                if try body(number, page) { try stage.put(number, page) }
            }
        }
    }

    // MARK: Following

    /// What a look found.
    enum Look {
        case unchanged
        case changed
        /// There is something new, but readers came and went too quickly for a lock that keeps it.
        case contended
    }

    /// Learns what was committed since the last look. `isQuiet`: that there was nothing for a while.
    @discardableResult
    func look(isQuiet: Bool = false) throws(PrimaryError) -> Look {
        try translating {
            var header = try readHeader()
            if header != seen, header.lastFrame > 0, hold.isZero {
                guard try hold.takeMark(at: WALHold.closed) else { return .contended }
                header = try readHeader()
            }
            let isNew = header != seen
            if isNew { try learn(header) }
            if try isOtherCheckpointing() {
                // Whoever checkpoints now shall find nobody in the way, and writers wait for him to end.
                if isNew { try hold.open() } else { try hold.stepAside() }
            } else if isNew, header.lastFrame >= CheckpointPolicy.earlyFrameCount {
                // Before the app tries a checkpoint at every commit and copies a frame each time.
                try hold.close()
            } else if isQuiet {
                try hold.open()
            }
            if !hold.isZero, header.lastFrame == wal.backfilledFrameCount {
                try materialise()
                if try hold.tradeForZero(ifStill: header) { try files.noteCheckpoint(wal) }
            }
            return isNew ? .changed : .unchanged
        }
    }

    /// Whether somebody's checkpoint may be waiting for us to move, or all is copied but zero could not be had when
    /// it was tried: not the time to sleep, for nothing would wake us.
    func isInTheWay() throws(PrimaryError) -> Bool {
        guard !hold.isZero else { return false }
        return try translating { try seen.lastFrame == wal.backfilledFrameCount || isOtherCheckpointing() }
    }

    /// Whether somebody is at a checkpoint that takes more than a moment, as the tries do that SQLite makes at every
    /// commit: one that copies, or waits.
    private func isOtherCheckpointing() throws(SQLiteError) -> Bool {
        guard !hold.isZero else { return false }
        for attempt in 0..<4 {
            if try wal.tryLock(.checkpoint, .shared) {
                wal.unlock(.checkpoint, .shared)
                return false
            }
            if attempt < 3 { pause(.microseconds(20)) }
        }
        return true
    }

    private func learn(_ header: WALIndexHeader) throws {
        let first = header.salts == seen.salts ? seen.lastFrame + 1 : 1
        // A new generation begins only from zero, and to zero we go only with nothing pending. Anything else
        // means that files were deleted or swapped under a lock that SQLite's own users respect.
        guard header.salts == seen.salts || pending.isEmpty, header.lastFrame + 1 >= first,
            header.lastFrame == 0 || header.pageSize == pageSize.byteCount
        else { throw PrimaryError.walLost(path: wal.path) }
        if header.lastFrame >= first { try note(first...header.lastFrame, header) }
        seen = header
    }

    /// Notes which page each new frame holds, and how small the database has been in between.
    ///
    /// A page cut off the end of the database and grown back need not be written again: SQLite does not write
    /// free pages. What it holds then depends on whether a checkpoint cut the file in between, so whatever was
    /// noted before the cut no longer counts. Only if a checkpoint ran since the last look, the sizes of the
    /// single commits matter, and only then are they read.
    private func note(_ frames: ClosedRange<UInt32>, _ header: WALIndexHeader) throws {
        let nowBackfilled = wal.backfilledFrameCount
        let readsSizes = nowBackfilled != backfilled
        backfilled = nowBackfilled
        var failure: SQLiteError?
        try wal.forEachPage(in: frames) { frame, page in
            pending[page] = frame
            guard readsSizes, failure == nil else { return }
            do throws(SQLiteError) {
                let size = try wal.frameHeader(frame, header).commitPageCount
                if size != 0 { resize(to: size) }
            } catch { failure = error }
        }
        if let failure { throw failure }
        resize(to: header.pageCount)
    }

    /// Takes a commit's size of the database in.
    private func resize(to size: UInt32) {
        if size < pageCount {
            for page in size + 1...pageCount {
                pending[page] = nil
                stage.remove(page)
            }
            smallestPageCount = min(smallestPageCount, size)
        }
        pageCount = size
    }

    /// Reads the content of every pending page out of the WAL, so that the WAL may go.
    func materialise() throws(PrimaryError) {
        try translating {
            for (number, frame) in pending.sorted(by: { $0.value < $1.value }) where number <= pageCount {
                try wal.readFrame(frame, of: number, seen, into: &page)
                try stage.put(number, page)
            }
            pending.removeAll(keepingCapacity: pending.count < 65536)
        }
    }

    /// Everything that changed since the last seal, at one commit, in a stage of its own; capture goes on in
    /// `next`, which must be empty. `image`: that this is the whole database.
    func seal(into next: PageStage, image: Image? = nil) throws(PrimaryError) -> SealedPages {
        try look()
        try materialise()
        try stageRegrownPages()
        let sealed = SealedPages(stage: stage, pageCount: pageCount, place: PrimaryState.WALPlace(seen), image: image)
        stage = next
        smallestPageCount = pageCount
        sealedPageCount = pageCount
        return sealed
    }

    /// Stages new pages that no commit wrote since they are there again: free ones, which nobody reads, but a
    /// restore shall equal the database to the byte. Each will hold what the next checkpoint copies from an
    /// old frame, or else what the database file holds.
    private func stageRegrownPages() throws(PrimaryError) {
        try translating {
            guard pageCount > smallestPageCount else { return }
            let lockPage = pageSize.lockPage.rawValue
            let missing = (smallestPageCount + 1...pageCount).filter { !stage.contains($0) && $0 != lockPage }
            guard !missing.isEmpty else { return }
            var frames: [UInt32: UInt32] = [:]
            let backfilled = wal.backfilledFrameCount
            if seen.lastFrame > backfilled {
                try wal.forEachPage(in: backfilled + 1...seen.lastFrame) { frame, page in frames[page] = frame }
            }
            for number in missing {
                if let frame = frames[number] {
                    try wal.readFrame(frame, of: number, seen, into: &page)
                } else {
                    try wal.readDatabase(into: &page, at: Int64(number - 1) * Int64(pageSize.byteCount))
                }
                try stage.put(number, page)
            }
        }
    }

    private func readHeader() throws(SQLiteError) -> WALIndexHeader {
        do { return try wal.header() } catch .unreadableIndex {
            // A writer died in the middle of publishing: any reader repairs that.
            try wal.recover()
            return try wal.header()
        }
    }
}

/// What one LTX file will hold.
struct SealedPages: Sendable {
    let stage: PageStage
    /// The size of the database, in pages.
    let pageCount: UInt32
    let place: PrimaryState.WALPlace
    /// Nil for what changed since the last file.
    let image: Image?
}
