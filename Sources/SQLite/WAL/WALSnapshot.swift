#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Reading the whole of one consistent state, page by page, however long it takes.
extension WAL {
    /// Calls `body` with the last header, the size of the database in pages, and a reader for any page of it.
    ///
    /// The state is the newest frame of a page, else the page in the database, which read lock 0 keeps as it is
    /// meanwhile: it stops all copying, and a WAL that is not all copied is never restarted. Waits for a
    /// checkpoint that is running.
    /// Errors: those of `body` and of reading.
    package func withSnapshot<T>(
        _ body: (
            _ header: WALIndexHeader, _ pageCount: UInt32, _ read: @escaping (UInt32, inout [UInt8]) throws -> Void
        ) throws -> T
    ) throws -> T {
        while try !tryLock(.read(0), .shared) { usleep(1000) }
        defer { unlock(.read(0), .shared) }
        let pageSize = try pageSize()
        let header = try header()
        var newest: [UInt32: UInt32] = [:]
        if header.lastFrame > 0 {
            try forEachPage(in: 1...header.lastFrame) { frame, page in newest[page] = frame }
        }
        return try body(header, try pageCount(header, pageSize: pageSize)) { number, bytes in
            if let frame = newest[number] {
                try self.readFrame(frame, of: number, header, into: &bytes)
            } else {
                try self.readDatabase(into: &bytes, at: Int64(number - 1) * Int64(pageSize))
            }
        }
    }

    /// The size of a page in bytes, from the database's own header while the WAL is empty; 0 for a database that
    /// has no page yet.
    package func pageSize() throws(SQLiteError) -> Int {
        let header = try header()
        if header.lastFrame > 0 { return header.pageSize }
        var bytes = [UInt8](repeating: 0, count: 18)
        try readDatabase(into: &bytes, at: 0)
        let field = Int(bytes[16]) << 8 | Int(bytes[17])
        return field == 1 ? 65536 : field
    }

    /// The size of the database at `header`, in pages.
    package func pageCount(_ header: WALIndexHeader, pageSize: Int) throws(SQLiteError) -> UInt32 {
        if header.lastFrame > 0 { return header.pageCount }
        return UInt32(try databaseByteCount() / Int64(pageSize))
    }
}
