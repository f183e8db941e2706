/// The first 100 bytes of an LTX file: what range it covers and what database it leads to.
///
/// Shape, big-endian: "LTX1", flags u32 (2: no database checksums), page size u32, commit u32, min and max
/// TXID u64, timestamp i64, checksum before u64 (0), WAL offset and size i64, two WAL salts u32, node ID u64,
/// 20 reserved bytes.
/// Source: https://github.com/superfly/ltx
package struct LTXHeader: Hashable, Sendable {
    /// The size of the encoded header, in bytes.
    package static let byteCount = 100

    /// Of the database and of every page in the file.
    package let pageSize: PageSize
    /// The size of the database after this file, in pages; never 0.
    package let commit: UInt32
    /// The TXIDs in the file, which are also its name.
    package let name: LTXFileName
    /// When the last of them was captured: milliseconds since 1970, UTC.
    package let timestampMilliseconds: Int64
    /// Which part of a WAL the file came from; all zero in compacted files.
    package let wal: LTXWALRange
    /// Who wrote the file and between which states it leads; nil for another program's.
    package let stamp: LTXStamp?

    /// A header with these fields. It is checked when it is encoded.
    package init(
        pageSize: PageSize, commit: UInt32, name: LTXFileName, timestampMilliseconds: Int64,
        wal: LTXWALRange = .none, stamp: LTXStamp? = nil
    ) {
        self.pageSize = pageSize
        self.commit = commit
        self.name = name
        self.timestampMilliseconds = timestampMilliseconds
        self.wal = wal
        self.stamp = stamp
    }

    /// Whether the file holds the whole database: one that begins at TXID 1 has nothing to build on.
    package var isSnapshot: Bool { name.minTXID == .first }

    /// How many pages a file with the whole database holds: all but the lock page.
    package var snapshotPageCount: Int { Int(commit) - (commit >= pageSize.lockPage.rawValue ? 1 : 0) }
}

/// The part of a WAL that a file was captured from, so that a capture can go on from its end.
package struct LTXWALRange: Hashable, Sendable {
    /// Where it begins, in bytes from the WAL's start; 0 for none.
    package let offset: Int64
    /// How long it is; 0 for none.
    package let byteCount: Int64
    /// The salts in that WAL's header; 0 for none.
    package let salt1: UInt32
    /// See `salt1`.
    package let salt2: UInt32

    /// `byteCount` bytes from `offset` of the WAL with these salts.
    package init(offset: Int64, byteCount: Int64, salt1: UInt32, salt2: UInt32) {
        self.offset = offset
        self.byteCount = byteCount
        self.salt1 = salt1
        self.salt2 = salt2
    }

    /// No WAL behind the file.
    package static let none = LTXWALRange(offset: 0, byteCount: 0, salt1: 0, salt2: 0)
}

/// Fantail's mark in a file: who wrote it, and the database checksums that it leads from and to.
///
/// Shape: the epoch as node ID at 72, then 20 reserved bytes: the mark "FAN1", the checksum before (0 where no
/// state came before) and the one after. Litestream hashes these bytes, but does not read them.
package struct LTXStamp: Hashable, Sendable {
    /// The owner of the log who wrote the file.
    package let epoch: Epoch
    /// The database's checksum that the file builds on; nil if it builds on nothing.
    package let before: Checksum?
    /// The database's checksum once the file is applied.
    package let after: Checksum

    /// A stamp of `epoch` that leads from `before` to `after`.
    package init(epoch: Epoch, before: Checksum?, after: Checksum) {
        self.epoch = epoch
        self.before = before
        self.after = after
    }

    /// "FAN1", the mark at offset 80.
    static let mark: UInt32 = 0x4641_4E31
}

extension LTXHeader {
    static let magic: UInt32 = 0x4C54_5831
    static let noChecksumFlag: UInt32 = 2

    /// The header in the first 100 of `bytes`.
    ///
    /// Errors: `.truncated` if there are fewer, else the first rule that they break.
    package init(parsing bytes: Span<UInt8>) throws(LTXError) {
        guard bytes.count >= LTXHeader.byteCount else { throw .truncated }
        guard bytes.bigEndian(at: 0) == LTXHeader.magic else { throw .notLTX }
        let flags: UInt32 = bytes.bigEndian(at: 4)
        guard flags == LTXHeader.noChecksumFlag else { throw .flags(flags) }
        let pageByteCount: UInt32 = bytes.bigEndian(at: 8)
        guard let pageSize = PageSize(Int(pageByteCount)) else { throw .pageSize(pageByteCount) }
        let min: UInt64 = bytes.bigEndian(at: 16)
        let max: UInt64 = bytes.bigEndian(at: 24)
        guard let minTXID = TXID(rawValue: min), let maxTXID = TXID(rawValue: max), minTXID <= maxTXID
        else { throw .txids(min: min, max: max) }
        guard bytes.bigEndian(at: 40, as: UInt64.self) == 0 else { throw .preApplyChecksum }
        self.init(
            pageSize: pageSize, commit: bytes.bigEndian(at: 12),
            name: LTXFileName(minTXID: minTXID, maxTXID: maxTXID),
            timestampMilliseconds: bytes.bigEndian(at: 32),
            wal: LTXWALRange(
                offset: bytes.bigEndian(at: 48), byteCount: bytes.bigEndian(at: 56),
                salt1: bytes.bigEndian(at: 64), salt2: bytes.bigEndian(at: 68)),
            stamp: try LTXStamp(parsing: bytes))
        try check()
    }

    /// The header's 100 bytes.
    ///
    /// Errors: the first rule that its fields break.
    package func encoded() throws(LTXError) -> [UInt8] {
        try check()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(LTXHeader.byteCount)
        bytes.append(bigEndian: LTXHeader.magic)
        bytes.append(bigEndian: LTXHeader.noChecksumFlag)
        bytes.append(bigEndian: UInt32(pageSize.byteCount))
        bytes.append(bigEndian: commit)
        bytes.append(bigEndian: name.minTXID.rawValue)
        bytes.append(bigEndian: name.maxTXID.rawValue)
        bytes.append(bigEndian: timestampMilliseconds)
        bytes.append(bigEndian: UInt64(0))
        bytes.append(bigEndian: wal.offset)
        bytes.append(bigEndian: wal.byteCount)
        bytes.append(bigEndian: wal.salt1)
        bytes.append(bigEndian: wal.salt2)
        bytes.append(bigEndian: stamp?.epoch.rawValue ?? 0)
        bytes.append(bigEndian: stamp == nil ? 0 : LTXStamp.mark)
        bytes.append(bigEndian: stamp?.before?.rawValue ?? 0)
        bytes.append(bigEndian: stamp?.after.rawValue ?? 0)
        return bytes
    }

    /// The rules that the types of the fields do not already keep.
    private func check() throws(LTXError) {
        // Litestream cannot write an empty database; SQLite's largest has 2^32 - 2 pages.
        guard commit != 0, commit != .max else { throw .commit(commit) }
        let hasSalts = wal.salt1 != 0 || wal.salt2 != 0
        guard wal.offset >= 0, wal.byteCount >= 0, wal.offset != 0 || (wal.byteCount == 0 && !hasSalts)
        else { throw .walRange(offset: wal.offset, byteCount: wal.byteCount) }
    }
}

extension LTXStamp {
    /// The stamp in a header's bytes, or nil without the mark: the reserved bytes are then another program's.
    fileprivate init?(parsing header: Span<UInt8>) throws(LTXError) {
        guard header.bigEndian(at: 80) == LTXStamp.mark else { return nil }
        let before: UInt64 = header.bigEndian(at: 84)
        let after: UInt64 = header.bigEndian(at: 92)
        guard let epoch = Epoch(rawValue: header.bigEndian(at: 72)),
            before == 0 || before & Checksum.flag != 0, after & Checksum.flag != 0
        else { throw .stamp }
        self.init(
            epoch: epoch, before: before == 0 ? nil : Checksum(rawValue: before),
            after: Checksum(rawValue: after))
    }
}
