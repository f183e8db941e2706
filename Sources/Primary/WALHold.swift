import SQLite

/// The lock that keeps WAL frames from vanishing before they are captured.
///
/// At every instant after `attach` one of two is held, by hand, on a connection without transactions:
/// - a *mark*: shared on one of read locks 1 to 4. Nobody can restart the WAL. Only the frames have to stay,
///   not the pages they replace, so the mark may be `open`: the unused value, which lies beyond every frame
///   and lets checkpoints copy all they want. While the app writes without a pause it is better `closed`:
///   past 1000 frames SQLite tries a checkpoint at every commit, and one that finds nothing to copy costs
///   microseconds, one that copies a frame costs two syncs.
/// - *zero*: shared on read lock 0. The next writer may restart the WAL, once; but nothing of the new WAL
///   can be copied, so it cannot be restarted a second time unseen.
///
/// Source: https://www.sqlite.org/walformat.html#wal_locks
struct WALHold {
    private enum Kind: Equatable {
        case none
        case mark(slot: Int, at: UInt32)
        case zero
    }

    /// Where a mark stands that lets nothing be copied. SQLite sets one there itself when it restarts a WAL.
    static let closed: UInt32 = 0

    private let wal: WAL
    private var kind = Kind.none

    init(_ wal: WAL) { self.wal = wal }

    var isZero: Bool { kind == .zero }

    /// Takes a mark at `frame` before it lets go of zero or another mark. False, with nothing changed, if
    /// other readers have every slot in such a way that none can be had now; the same call soon succeeds.
    mutating func takeMark(at frame: UInt32) throws(SQLiteError) -> Bool {
        if case .mark(_, frame) = kind { return true }
        guard let slot = try freeSlot(markedAt: frame) else { return false }
        release()
        kind = .mark(slot: slot, at: frame)
        return true
    }

    /// Lets checkpoints copy no further than they may now. Does nothing if no mark can be had at once.
    mutating func close() throws(SQLiteError) {
        if case .mark(_, WAL.unusedMark) = kind { _ = try takeMark(at: Self.closed) }
    }

    /// Lets checkpoints copy all they want.
    mutating func open() throws(SQLiteError) {
        if case .mark = kind { _ = try takeMark(at: WAL.unusedMark) }
    }

    /// Makes way for a checkpoint that is under way: opens the mark, or moves an open one to another slot.
    ///
    /// A checkpoint that waits has read a slot's mark once and then wants that slot to itself, whoever has come to
    /// it meanwhile and with whatever mark; an ordinary reader soon leaves, we do not. Does nothing if all other
    /// slots have readers.
    mutating func stepAside() throws(SQLiteError) {
        guard case .mark = kind, let slot = try freeSlot(markedAt: WAL.unusedMark) else { return }
        release()
        kind = .mark(slot: slot, at: WAL.unusedMark)
    }

    private func release() {
        switch kind {
        case .none: break
        case .mark(let slot, _): wal.unlock(.read(slot), .shared)
        case .zero: wal.unlock(.read(0), .shared)
        }
    }

    /// Takes zero and lets go of the mark, if by then the WAL still is as `header` says and all of it is in
    /// the database. False, with the mark kept, if not or if a checkpoint is running.
    mutating func tradeForZero(ifStill header: WALIndexHeader) throws(SQLiteError) -> Bool {
        guard case .mark = kind, try wal.tryLock(.read(0), .shared) else { return kind == .zero }
        // Zero stops all copying, so what is true now stays true: frames that a writer adds from here on
        // cannot reach the database, and a WAL with frames that are not there is never restarted.
        guard try wal.header() == header, wal.backfilledFrameCount == header.lastFrame else {
            wal.unlock(.read(0), .shared)
            return false
        }
        release()
        kind = .zero
        return true
    }

    /// A read lock from 4 down to 1, held shared. Readers take the low ones first.
    private func freeSlot(markedAt frame: UInt32) throws(SQLiteError) -> Int? {
        for slot in stride(from: 4, through: 1, by: -1) {
            if case .mark(slot, _) = kind { continue }
            if wal[mark: slot] != frame {
                // Only whoever has a lock to himself may change its mark.
                guard try wal.tryLock(.read(slot), .exclusive) else { continue }
                wal[mark: slot] = frame
                wal.unlock(.read(slot), .exclusive)
            }
            guard try wal.tryLock(.read(slot), .shared) else { continue }
            if wal[mark: slot] == frame { return slot }
            wal.unlock(.read(slot), .shared)
        }
        // All four have readers. Sharing one with them keeps the WAL from a restart just as well; it only
        // holds checkpoints back for as long as those readers would. A mark that is held already is as good.
        if case .mark = kind { return nil }
        for slot in stride(from: 4, through: 1, by: -1) where try wal.tryLock(.read(slot), .shared) {
            return slot
        }
        return nil
    }
}
