import CSQLite

/// One SQLite connection, used by one thread at a time; closed when it goes out of scope.
@safe package struct Connection: ~Copyable {
    /// What the connection may do to the file.
    package enum Access: Sendable {
        case readOnly
        case readWrite
        case create
    }

    let handle: OpaquePointer
    /// Of the database, as it was given.
    package let path: String

    /// Opens the database at `path`; SQLite reads nothing of it yet.
    ///
    /// `busyTimeout`: how long a call waits for another connection's lock before it fails, to the millisecond.
    package init(path: String, _ access: Access, busyTimeout: Duration = .zero) throws(SQLiteError) {
        let flags =
            switch access {
            case .readOnly: SQLITE_OPEN_READONLY
            case .readWrite: SQLITE_OPEN_READWRITE
            case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            }
        var opened: OpaquePointer?
        // No mutex: every connection of ours belongs to one thread at a time.
        let code = unsafe sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard let opened = unsafe opened else {
            throw .sqlite(code: code, message: "out of memory", doing: "open \(path)")
        }
        guard code == SQLITE_OK else {
            let error = unsafe Connection.failure(opened, code, "open \(path)")
            unsafe sqlite3_close(opened)
            throw error
        }
        unsafe handle = opened
        self.path = path
        let milliseconds = busyTimeout / .milliseconds(1)
        unsafe sqlite3_busy_timeout(handle, Int32(min(milliseconds, Double(Int32.max))))
    }

    deinit { unsafe sqlite3_close_v2(handle) }

    /// Prepares one statement.
    package func prepare(_ sql: String) throws(SQLiteError) -> Statement {
        try unsafe Statement(sql, on: handle)
    }

    /// Runs one statement to its end and gives all its rows; for results known to be small.
    @discardableResult
    package func rows(_ sql: String, _ values: [Value] = []) throws(SQLiteError) -> [[Value]] {
        let statement = try prepare(sql)
        try statement.bind(values)
        var rows: [[Value]] = []
        while try statement.step() {
            rows.append((0..<statement.columnCount).map { statement[$0] })
        }
        return rows
    }

    /// Runs one or more statements and drops what they return.
    package func execute(_ sql: String) throws(SQLiteError) {
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw unsafe Connection.failure(handle, code, "run \(sql)") }
    }

    /// Keeps this connection, when it is the last to close, from checkpointing the WAL and deleting it:
    /// whoever comes next must find the frames where they were.
    ///
    /// Source: https://www.sqlite.org/c3ref/c_fcntl_begin_atomic_write.html#sqlitefcntlpersistwal
    package func keepWALOnClose() throws(SQLiteError) {
        var code = unsafe fantail_sqlite3_db_config_switch(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nil)
        if code == SQLITE_OK {
            var on: Int32 = 1
            code = unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &on)
        }
        guard code == SQLITE_OK else { throw unsafe Connection.failure(handle, code, "keep the WAL of \(path)") }
    }

    /// Whether the file at `path` is no longer the one that is open: replaced, renamed or deleted.
    package func hasMoved() throws(SQLiteError) -> Bool {
        var moved: Int32 = 0
        let code = unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved)
        guard code == SQLITE_OK else { throw unsafe Connection.failure(handle, code, "look at \(path)") }
        return moved != 0
    }

    static func failure(_ handle: OpaquePointer?, _ code: Int32, _ doing: String) -> SQLiteError {
        .sqlite(code: code, message: unsafe String(cString: sqlite3_errmsg(handle)), doing: doing)
    }
}
