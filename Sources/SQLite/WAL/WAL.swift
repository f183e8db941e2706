import CSQLite
import Synchronization

/// The WAL and WAL-index of one database, seen through the file objects of a SQLite connection.
///
/// SQLite hands those out (SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER), so that the WAL can be
/// read and locked by SQLite's own code and in its own bookkeeping. A descriptor of our own would not do:
/// closing it drops the POSIX locks of every connection in the process.
///
/// The connection runs no transaction of its own, so that the locks taken here are the only ones it holds.
/// Used by one thread at a time. Source: https://www.sqlite.org/walformat.html
@safe package final class WAL {
    package let path: String
    let connection: Connection
    /// The database's file object. Lives as long as `connection`.
    let file: UnsafeMutablePointer<sqlite3_file>
    /// The WAL's file object. SQLite keeps it open as long as `connection` is in WAL mode, and no other
    /// connection can leave WAL mode while this one is open.
    let walFile: UnsafeMutablePointer<sqlite3_file>
    /// The 32 KiB regions of the WAL-index mapped so far. SQLite never moves one before the connection closes.
    private var regions: [UnsafeMutableRawPointer] = unsafe []

    /// Opens the database at `path`, which must exist and be in WAL mode.
    ///
    /// Recovers the WAL if its last user crashed, as any reader would. From then on this process neither
    /// checkpoints the WAL nor deletes it on close.
    /// Errors: `.notWAL`; a busy `.sqlite` if another process has it locked exclusively.
    package init(path: String, busyTimeout: Duration = .seconds(1)) throws(SQLiteError) {
        let connection = try Connection(path: path, .readWrite, busyTimeout: busyTimeout)
        try connection.keepWALOnClose()
        let mode = try connection.rows("PRAGMA journal_mode").first?.first?.text ?? "unknown"
        guard mode == "wal" else { throw .notWAL(path: path, found: "in journal mode \(mode), not WAL") }
        // Any read opens the WAL and recovers it.
        try connection.rows("SELECT 1 FROM sqlite_schema LIMIT 1")
        unsafe file = unsafe try Self.filePointer(connection, SQLITE_FCNTL_FILE_POINTER)
        unsafe walFile = try Self.filePointer(connection, SQLITE_FCNTL_JOURNAL_POINTER)
        self.path = path
        self.connection = connection
        guard unsafe try region(0) != nil else { throw .unreadableIndex(path: path) }
    }

    private static func filePointer(_ connection: borrowing Connection, _ verb: Int32) throws(SQLiteError)
        -> UnsafeMutablePointer<sqlite3_file>
    {
        var file: UnsafeMutablePointer<sqlite3_file>?
        let code = unsafe sqlite3_file_control(connection.handle, "main", verb, &file)
        guard code == SQLITE_OK, let file = unsafe file, unsafe file.pointee.pMethods != nil,
            unsafe file.pointee.pMethods.pointee.iVersion >= 2
        else { throw .notWAL(path: connection.path, found: "on a file system layer without shared memory") }
        return unsafe file
    }

    /// Whether the file at `path` is no longer the one that is open here.
    package func hasMoved() throws(SQLiteError) -> Bool { try connection.hasMoved() }

    /// Reads something through SQLite, which recovers a WAL-index that was found invalid.
    package func recover() throws(SQLiteError) { try connection.rows("SELECT 1 FROM sqlite_schema LIMIT 1") }

    /// Keeps connections that have not read yet from the database, as long as this object lives: they get
    /// SQLITE_BUSY. Those that have go on. For a file that is about to be replaced.
    package func keepNewcomersOut() {
        // Refused beside any reader, but then SQLite stays at the pending lock, which no newcomer passes.
        for lock in [SQLITE_LOCK_RESERVED, SQLITE_LOCK_EXCLUSIVE] {
            _ = unsafe file.pointee.pMethods.pointee.xLock(file, lock)
        }
    }

    // MARK: The WAL-index

    /// The header, read as every reader does: both copies, a barrier between, equal and with a right checksum.
    ///
    /// A writer may be at it, so a torn read is tried again, a bounded number of times.
    /// Errors: `.unreadableIndex` if that does not help; then `recover` may.
    package func header() throws(SQLiteError) -> WALIndexHeader {
        guard let base = try unsafe region(0) else { throw .unreadableIndex(path: path) }
        // A writer needs well under a microsecond for the copies; a preempted one holds the write lock, and
        // SQLite's own readers then fall back to taking that lock. A thousand barriers span about as long.
        for _ in 0..<1000 {
            let first = unsafe UnsafeRawBufferPointer(start: base, count: WALIndexHeader.byteCount)
            let header = unsafe WALIndexHeader(copy: first)
            barrier()
            let second = unsafe WALIndexHeader(
                copy: UnsafeRawBufferPointer(start: base + WALIndexHeader.byteCount, count: WALIndexHeader.byteCount))
            if let header, header == second { return header }
        }
        throw .unreadableIndex(path: path)
    }

    /// Publishes a new header: the second copy first, so that a reader who finds both equal has one whole.
    /// Only for the holder of the write lock.
    package func publish(_ header: WALIndexHeader) throws(SQLiteError) {
        guard let base = try unsafe region(0) else { throw .unreadableIndex(path: path) }
        let bytes = header.encoded()
        unsafe (base + WALIndexHeader.byteCount).copyMemory(from: bytes, byteCount: bytes.count)
        barrier()
        unsafe base.copyMemory(from: bytes, byteCount: bytes.count)
    }

    /// Orders this process's accesses to the shared memory, as SQLite does it.
    package func barrier() { unsafe file.pointee.pMethods.pointee.xShmBarrier(file) }

    /// How many frames of the WAL are in the database already.
    package var backfilledFrameCount: UInt32 {
        get { unsafe checkpointWord(at: 0).pointee.load(ordering: .acquiring) }
        set { unsafe checkpointWord(at: 0).pointee.store(newValue, ordering: .releasing) }
    }

    /// How many frames a checkpoint has at least begun to copy.
    package var attemptedFrameCount: UInt32 {
        get { unsafe checkpointWord(at: 32).pointee.load(ordering: .acquiring) }
        set { unsafe checkpointWord(at: 32).pointee.store(newValue, ordering: .releasing) }
    }

    /// The mark of a read lock: the last frame that its holders read. Set it only under that lock, exclusive.
    package subscript(mark slot: Int) -> UInt32 {
        get { unsafe checkpointWord(at: 4 + 4 * slot).pointee.load(ordering: .acquiring) }
        set { unsafe checkpointWord(at: 4 + 4 * slot).pointee.store(newValue, ordering: .releasing) }
    }

    /// The value of a mark that nobody uses. It lies beyond every frame, so it holds no checkpoint back.
    package static let unusedMark: UInt32 = 0xffff_ffff

    /// A word of the checkpoint information, which follows the two header copies.
    private func checkpointWord(at offset: Int) -> UnsafeMutablePointer<Atomic<UInt32>> {
        unsafe (regions[0] + 2 * WALIndexHeader.byteCount + offset)
            .assumingMemoryBound(to: Atomic<UInt32>.self)
    }

    /// A region of the WAL-index, or nil if nobody has made it yet; `extend` makes it.
    func region(_ number: Int, extend: Bool = false) throws(SQLiteError) -> UnsafeMutableRawPointer? {
        while unsafe regions.count <= number {
            var pointer: UnsafeMutableRawPointer?
            let next = Int32(unsafe regions.count)
            let code = unsafe file.pointee.pMethods.pointee.xShmMap(
                file, next, Int32(Self.regionByteCount), extend ? 1 : 0, &pointer)
            guard code == SQLITE_OK else {
                throw .sqlite(code: code, message: "map region \(next)", doing: "map the WAL-index of \(path)")
            }
            guard let pointer = unsafe pointer else { return nil }
            unsafe regions.append(pointer)
        }
        return unsafe regions[number]
    }

    /// SQLite maps the WAL-index in pieces of this size.
    static let regionByteCount = 32768
}
