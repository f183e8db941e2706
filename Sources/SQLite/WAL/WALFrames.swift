import CSQLite

/// The 24 bytes before each page in the WAL.
///
/// Source: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
package struct WALFrameHeader: Hashable, Sendable {
    /// The page that the frame holds.
    package var pageNumber: UInt32
    /// The size of the database in pages if this frame ends a transaction, else 0.
    package var commitPageCount: UInt32
    /// Those of the WAL that the frame belongs to.
    package var salts: WALSalts
    /// The running checksum up to and including this frame.
    package var checksum: WALChecksum

    /// In bytes.
    package static let byteCount = 24

    /// A frame's header.
    package init(pageNumber: UInt32, commitPageCount: UInt32, salts: WALSalts, checksum: WALChecksum) {
        self.pageNumber = pageNumber
        self.commitPageCount = commitPageCount
        self.salts = salts
        self.checksum = checksum
    }

    /// The header that 24 bytes spell; whether it is true is for the reader to check.
    init(_ bytes: UnsafeRawBufferPointer) {
        func word(_ offset: Int) -> UInt32 {
            UInt32(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        }
        pageNumber = word(0)
        commitPageCount = word(4)
        salts = WALSalts(word(8), word(12))
        checksum = WALChecksum(word(16), word(20))
    }

    /// The 24 bytes, big-endian.
    package func encoded() -> [UInt8] {
        [pageNumber, commitPageCount, salts.salt1, salts.salt2, checksum.sum1, checksum.sum2].flatMap { word in
            (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) }
        }
    }
}

extension WAL {
    /// The WAL's own header, in bytes.
    package static let fileHeaderByteCount = 32

    /// Where a frame begins, in bytes from the start of the WAL.
    package static func offset(ofFrame frame: UInt32, pageSize: Int) -> Int64 {
        Int64(fileHeaderByteCount) + Int64(frame - 1) * Int64(WALFrameHeader.byteCount + pageSize)
    }

    /// Reads one frame's page into `page` and checks that it is what the WAL-index says.
    ///
    /// The checksum of a frame runs on from the one before, whose header holds it; so any frame can be
    /// checked by itself. Shape: `page` must have the header's page size.
    /// Errors: `.badFrame` if salts, page number or checksum differ.
    package func readFrame(
        _ frame: UInt32, of pageNumber: UInt32, _ index: WALIndexHeader, into page: inout [UInt8]
    ) throws(SQLiteError) {
        precondition(page.count == index.pageSize, "BUG: page buffer of another page size")
        var sum = try checksum(before: frame, index)
        let offset = Self.offset(ofFrame: frame, pageSize: index.pageSize)
        let bytes = try read(WALFrameHeader.byteCount, at: offset)
        try readWAL(into: &page, at: offset + Int64(WALFrameHeader.byteCount))
        let header = unsafe bytes.withUnsafeBytes { unsafe WALFrameHeader($0) }
        guard header.salts == index.salts else { throw badFrame(frame, "salts of another generation") }
        guard header.pageNumber == pageNumber else {
            throw badFrame(frame, "holds page \(header.pageNumber), not \(pageNumber)")
        }
        sum.update(bytes.span.extracting(0..<8), bigEndian: index.isBigEndianChecksum)
        sum.update(page.span, bigEndian: index.isBigEndianChecksum)
        guard sum == header.checksum else { throw badFrame(frame, "checksum mismatch") }
    }

    /// The header of one frame, unchecked but for its salts.
    package func frameHeader(_ frame: UInt32, _ index: WALIndexHeader) throws(SQLiteError) -> WALFrameHeader {
        let bytes = try read(WALFrameHeader.byteCount, at: Self.offset(ofFrame: frame, pageSize: index.pageSize))
        let header = unsafe bytes.withUnsafeBytes { unsafe WALFrameHeader($0) }
        guard header.salts == index.salts else { throw badFrame(frame, "salts of another generation") }
        return header
    }

    private func checksum(before frame: UInt32, _ index: WALIndexHeader) throws(SQLiteError) -> WALChecksum {
        if frame > 1 { return try frameHeader(frame - 1, index).checksum }
        let header = try read(Self.fileHeaderByteCount, at: 0)
        func word(_ offset: Int) -> UInt32 { header[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } }
        guard WALSalts(word(16), word(20)) == index.salts else { throw badFrame(0, "salts of another generation") }
        return WALChecksum(word(24), word(28))
    }

    private func badFrame(_ frame: UInt32, _ reason: String) -> SQLiteError {
        .badFrame(path: path, frame: frame, reason: reason)
    }

    private func read(_ count: Int, at offset: Int64) throws(SQLiteError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        try readWAL(into: &bytes, at: offset)
        return bytes
    }

    private func readWAL(into bytes: inout [UInt8], at offset: Int64) throws(SQLiteError) {
        let code = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe walFile.pointee.pMethods.pointee.xRead(walFile, buffer.baseAddress, Int32(buffer.count), offset)
        }
        guard code == SQLITE_OK else {
            throw .sqlite(code: code, message: "read failed at \(offset)", doing: "read \(path)-wal")
        }
    }

    /// Appends bytes to the WAL at `offset`. Only for the holder of the write lock.
    package func writeWAL(_ bytes: Span<UInt8>, at offset: Int64) throws(SQLiteError) {
        // unixWrite masks the length with 0x1ffff: a write of an exact multiple of 128 KiB would write nothing.
        let pieceByteCount = 65536
        var done = 0
        while done < bytes.count {
            let piece = bytes.extracting(done..<min(done + pieceByteCount, bytes.count))
            let code = unsafe piece.withUnsafeBytes { buffer in
                unsafe walFile.pointee.pMethods.pointee.xWrite(
                    walFile, buffer.baseAddress, Int32(buffer.count), offset + Int64(done))
            }
            guard code == SQLITE_OK else {
                throw .sqlite(code: code, message: "write failed at \(offset)", doing: "write \(path)-wal")
            }
            done += piece.count
        }
    }

    /// Makes what was appended to the WAL durable.
    package func syncWAL() throws(SQLiteError) {
        let code = unsafe walFile.pointee.pMethods.pointee.xSync(walFile, SQLITE_SYNC_NORMAL)
        guard code == SQLITE_OK else { throw .sqlite(code: code, message: "sync failed", doing: "sync \(path)-wal") }
    }

    /// Empties the WAL file. Only with no frame in use and no reader on one: under the write lock and all of
    /// read locks 1 to 4.
    package func truncateWAL() throws(SQLiteError) {
        let code = unsafe walFile.pointee.pMethods.pointee.xTruncate(walFile, 0)
        guard code == SQLITE_OK else { throw .sqlite(code: code, message: "truncate failed", doing: "empty \(path)-wal") }
    }

    /// The size of the WAL file, in bytes.
    package func walByteCount() throws(SQLiteError) -> Int64 { unsafe try byteCount(walFile) }

    /// Reads bytes of the database file itself; what lies past its end reads as zero, as it does for SQLite.
    package func readDatabase(into bytes: inout [UInt8], at offset: Int64) throws(SQLiteError) {
        let code = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe file.pointee.pMethods.pointee.xRead(file, buffer.baseAddress, Int32(buffer.count), offset)
        }
        guard code == SQLITE_OK || code == Self.shortRead else {
            throw .sqlite(code: code, message: "read failed at \(offset)", doing: "read \(path)")
        }
    }

    /// SQLITE_IOERR_SHORT_READ, a macro that Swift does not import.
    private static let shortRead = SQLITE_IOERR | 2 << 8

    /// The size of the database file, in bytes.
    package func databaseByteCount() throws(SQLiteError) -> Int64 { unsafe try byteCount(file) }

    private func byteCount(_ file: UnsafeMutablePointer<sqlite3_file>) throws(SQLiteError) -> Int64 {
        var size: Int64 = 0
        let code = unsafe file.pointee.pMethods.pointee.xFileSize(file, &size)
        guard code == SQLITE_OK else { throw .sqlite(code: code, message: "stat failed", doing: "look at \(path)") }
        return size
    }
}
