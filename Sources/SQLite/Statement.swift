import CSQLite

/// A prepared statement; finalized when it goes out of scope, which must be before its connection does.
@safe package struct Statement: ~Copyable {
    private let handle: OpaquePointer
    private let sql: String

    init(_ sql: String, on connection: OpaquePointer) throws(SQLiteError) {
        var handle: OpaquePointer?
        let code = unsafe sqlite3_prepare_v2(connection, sql, -1, &handle, nil)
        guard code == SQLITE_OK, let handle = unsafe handle else {
            throw unsafe Connection.failure(connection, code == SQLITE_OK ? SQLITE_MISUSE : code, "prepare \(sql)")
        }
        unsafe self.handle = handle
        self.sql = sql
    }

    deinit { unsafe sqlite3_finalize(handle) }

    /// Binds values to the parameters in order, from the first.
    package func bind(_ values: [Value]) throws(SQLiteError) {
        for (index, value) in values.enumerated() {
            let code = bind(value, at: Int32(index + 1))
            guard code == SQLITE_OK else { throw failure(code, "bind") }
        }
    }

    private func bind(_ value: Value, at index: Int32) -> Int32 {
        // SQLITE_TRANSIENT: SQLite copies the bytes before the call returns.
        let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .null: return unsafe sqlite3_bind_null(handle, index)
        case .integer(let number): return unsafe sqlite3_bind_int64(handle, index, number)
        case .real(let number): return unsafe sqlite3_bind_double(handle, index, number)
        case .text(let text): return unsafe sqlite3_bind_text(handle, index, text, -1, transient)
        case .blob(let bytes): return unsafe sqlite3_bind_blob(handle, index, bytes, Int32(bytes.count), transient)
        }
    }

    /// Advances to the next row; false when there is none.
    package func step() throws(SQLiteError) -> Bool {
        let code = unsafe sqlite3_step(handle)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw failure(code, "run")
        }
    }

    /// Makes the statement ready to run again with the same or other values.
    package func reset() { unsafe sqlite3_reset(handle) }

    /// How many columns a row has.
    package var columnCount: Int { Int(unsafe sqlite3_column_count(handle)) }

    /// The value in a column of the current row, counted from 0.
    package subscript(column: Int) -> Value {
        let index = Int32(column)
        switch unsafe sqlite3_column_type(handle, index) {
        case SQLITE_INTEGER: return .integer(unsafe sqlite3_column_int64(handle, index))
        case SQLITE_FLOAT: return .real(unsafe sqlite3_column_double(handle, index))
        case SQLITE_TEXT:
            let bytes = unsafe UnsafeBufferPointer(
                start: sqlite3_column_text(handle, index), count: Int(sqlite3_column_bytes(handle, index)))
            return .text(unsafe String(decoding: bytes, as: UTF8.self))
        case SQLITE_BLOB:
            let bytes = unsafe UnsafeRawBufferPointer(
                start: sqlite3_column_blob(handle, index), count: Int(sqlite3_column_bytes(handle, index)))
            return .blob(unsafe Array(bytes))
        default: return .null
        }
    }

    private func failure(_ code: Int32, _ doing: String) -> SQLiteError {
        unsafe Connection.failure(sqlite3_db_handle(handle), code, "\(doing) \(sql)")
    }
}
