/// The WAL-index header: how far the WAL is valid, written by whoever commits, read by everybody.
///
/// Shape: 48 bytes in native byte order, kept twice at the start of the shared memory; salts are kept
/// as they stand in the WAL. Source: https://www.sqlite.org/walformat.html#the_wal_index_header
package struct WALIndexHeader: Hashable, Sendable {
    /// Grows with every transaction.
    package var changeCount: UInt32
    /// Whether the WAL's checksums run over big-endian words.
    package var isBigEndianChecksum: Bool
    /// In bytes.
    package var pageSize: Int
    /// The number of the last valid frame; 0 when the WAL holds none.
    package var lastFrame: UInt32
    /// The size of the database after that frame, in pages.
    package var pageCount: UInt32
    /// The running checksum up to and including that frame.
    package var frameChecksum: WALChecksum
    /// Those of the WAL.
    package var salts: WALSalts

    /// Bytes of one copy.
    static let byteCount = 48
    /// The only version of the format there has been.
    private static let version: UInt32 = 3_007_000

    /// The header that one copy in shared memory spells, or nil if it is unset or torn.
    init?(copy bytes: UnsafeRawBufferPointer) {
        func word(_ offset: Int) -> UInt32 { unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
        var sum = WALChecksum()
        unsafe sum.update(UnsafeRawBufferPointer(rebasing: bytes[0..<40]), bigEndian: 1.bigEndian == 1)
        guard bytes.count == Self.byteCount, word(0) == Self.version, unsafe bytes[12] != 0,
            sum == WALChecksum(word(40), word(44))
        else { return nil }
        changeCount = word(8)
        isBigEndianChecksum = unsafe bytes[13] != 0
        // 65536 does not fit 16 bits; SQLite keeps it as 1.
        let size = Int(unsafe bytes.loadUnaligned(fromByteOffset: 14, as: UInt16.self))
        pageSize = size & 0xfe00 + (size & 1) << 16
        lastFrame = word(16)
        pageCount = word(20)
        frameChecksum = WALChecksum(word(24), word(28))
        salts = WALSalts(UInt32(bigEndian: word(32)), UInt32(bigEndian: word(36)))
    }

    /// The 48 bytes of one copy, checksum included.
    func encoded() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.byteCount)
        unsafe bytes.withUnsafeMutableBytes { buffer in
            func put(_ value: UInt32, _ offset: Int) { unsafe buffer.storeBytes(of: value, toByteOffset: offset, as: UInt32.self) }
            put(Self.version, 0)
            put(changeCount, 8)
            unsafe buffer[12] = 1
            unsafe buffer[13] = isBigEndianChecksum ? 1 : 0
            unsafe buffer.storeBytes(of: UInt16(pageSize & 0xfe00 | pageSize >> 16), toByteOffset: 14, as: UInt16.self)
            put(lastFrame, 16)
            put(pageCount, 20)
            put(frameChecksum.sum1, 24)
            put(frameChecksum.sum2, 28)
            put(salts.salt1.bigEndian, 32)
            put(salts.salt2.bigEndian, 36)
            var sum = WALChecksum()
            unsafe sum.update(UnsafeRawBufferPointer(rebasing: buffer[0..<40]), bigEndian: 1.bigEndian == 1)
            put(sum.sum1, 40)
            put(sum.sum2, 44)
        }
        return bytes
    }
}
