/// What `LTXInspector` could read of a file, and every rule that the file breaks.
package struct LTXInspection: Sendable {
    /// One page's frame.
    package struct Page: Hashable, Sendable {
        /// As it stands in the frame; never 0.
        package let number: UInt32
        /// Where the frame begins, in bytes from the file's start.
        package let offset: Int64
        /// The size of its LZ4 block, in bytes.
        package let compressedByteCount: Int
    }

    /// The page index.
    package struct Index: Hashable, Sendable {
        /// Where it begins, in bytes from the file's start.
        package let offset: Int64
        /// How long it has to be by the frames, in bytes.
        package let byteCount: Int
        /// How many entries could be read.
        package internal(set) var entryCount = 0
        /// Whether it says of every frame where it is, and nothing else.
        package internal(set) var agrees = true

        init(offset: Int64, byteCount: Int) {
            self.offset = offset
            self.byteCount = byteCount
        }
    }

    /// The last 24 bytes.
    package struct Trailer: Hashable, Sendable {
        /// Where it begins, in bytes from the file's start.
        package let offset: Int64
        /// How long the index is by the trailer, in bytes.
        package let indexByteCount: UInt64
        /// Has to be 0.
        package let postApplyChecksum: UInt64
        /// Of the file, as it is stored.
        package let fileChecksum: UInt64
    }

    /// A rule that the file breaks.
    package struct Finding: Hashable, Sendable {
        /// Of the bytes that break it, from the file's start.
        package let offset: Int64
        /// The rule.
        package let error: LTXError
        /// What exactly is there, where the rule alone does not say it.
        package let detail: String?
    }

    /// The header as it stands, right or wrong; nil if there are no 100 bytes.
    package internal(set) var fields: LTXHeaderFields?
    /// The header, if it keeps the rules.
    package internal(set) var header: LTXHeader?
    /// The first of the pages.
    package internal(set) var pages: [Page] = []
    /// How many frames could be read.
    package internal(set) var pageCount = 0
    /// Nil if the pages did not end.
    package internal(set) var index: Index?
    /// Nil if the index did not end.
    package internal(set) var trailer: Trailer?
    /// Of the file, as its bytes give it; nil if a page could not be decompressed.
    package internal(set) var computedChecksum: Checksum?
    /// The first of the broken rules, in the order of the file.
    package private(set) var findings: [Finding] = []
    /// How many rules are broken.
    package private(set) var findingCount = 0
    /// How far the walk came, in bytes from the file's start.
    package internal(set) var readByteCount: Int64 = 0

    /// More than anybody reads; a file that is wrong throughout must not fill the memory.
    private static let maxFindings = 100

    mutating func note(_ error: LTXError, at offset: Int64, _ detail: String? = nil) {
        findingCount += 1
        if findings.count < Self.maxFindings { findings.append(Finding(offset: offset, error: error, detail: detail)) }
    }

    mutating func noteIndex(at offset: Int64, _ detail: String) {
        note(.index, at: offset, detail)
        index?.agrees = false
    }

    mutating func countIndexEntry() { index?.entryCount += 1 }
}

/// A header's fields as they stand in the file, unchecked.
package struct LTXHeaderFields: Hashable, Sendable {
    /// "LTX1" in a file of this format.
    package let magic: UInt32
    /// 2: no database checksums.
    package let flags: UInt32
    /// In bytes.
    package let pageSize: UInt32
    /// In pages.
    package let commit: UInt32
    /// Not 0 in a file that keeps the rules.
    package let minTXID: UInt64
    /// Not below `minTXID`.
    package let maxTXID: UInt64
    /// Since 1970.
    package let timestampMilliseconds: Int64
    /// Has to be 0.
    package let preApplyChecksum: UInt64
    /// In bytes from the WAL's start; 0 for none.
    package let walOffset: Int64
    /// 0 for none.
    package let walByteCount: Int64
    /// 0 for none.
    package let walSalt1: UInt32
    /// 0 for none.
    package let walSalt2: UInt32
    /// The epoch of whoever wrote a stamped file; 0 for another program's.
    package let nodeID: UInt64
    /// 20 of them; Fantail's stamp, if they begin with FAN1.
    package let reserved: [UInt8]

    /// The fields in 100 bytes.
    init(_ bytes: Span<UInt8>) {
        magic = bytes.bigEndian(at: 0)
        flags = bytes.bigEndian(at: 4)
        pageSize = bytes.bigEndian(at: 8)
        commit = bytes.bigEndian(at: 12)
        minTXID = bytes.bigEndian(at: 16)
        maxTXID = bytes.bigEndian(at: 24)
        timestampMilliseconds = bytes.bigEndian(at: 32)
        preApplyChecksum = bytes.bigEndian(at: 40)
        walOffset = bytes.bigEndian(at: 48)
        walByteCount = bytes.bigEndian(at: 56)
        walSalt1 = bytes.bigEndian(at: 64)
        walSalt2 = bytes.bigEndian(at: 68)
        nodeID = bytes.bigEndian(at: 72)
        reserved = (80..<100).map { bytes[$0] }
    }
}

extension LTXError {
    /// Where in the header the field is that breaks the rule.
    var headerOffset: Int64 {
        switch self {
        case .flags: 4
        case .pageSize: 8
        case .commit: 12
        case .txids: 16
        case .preApplyChecksum: 40
        case .walRange: 48
        case .stamp: 72
        default: 0
        }
    }
}
