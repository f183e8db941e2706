package import Files
package import LTX

/// Page checksums that wait for their time to be stored: any number of them, of which only some thousand are in
/// memory and the rest in a scratch file.
///
/// Used by one thread at a time, which is what the unchecked conformance stands on.
package final class ChecksumList: @unchecked Sendable {
    private let path: String
    private var file: File?
    private var recent: [(page: UInt32, checksum: Checksum)] = []
    private var spilledCount = 0

    /// How many pages the list has.
    package var count: Int { spilledCount + recent.count }

    /// An empty list, whose scratch file will be at `path` if it is needed.
    package init(scratch path: String) { self.path = path }

    deinit {
        guard file != nil else { return }
        // What cannot be removed is used again by the next long list.
        _ = try? File.remove(path)
    }

    /// Adds a page; they must ascend.
    package func append(_ page: UInt32, _ checksum: Checksum) throws(FileError) {
        recent.append((page, checksum))
        if recent.count == Self.memoryCount { try spill() }
    }

    /// Stores all of it in a table.
    package func store(in table: PageChecksums) throws(FileError) {
        for start in stride(from: 0, to: spilledCount, by: Self.memoryCount) {
            guard let bytes = try file?.readExactly(Self.memoryCount * Self.recordByteCount, at: Self.offset(start))
            else { preconditionFailure("BUG: spilled to no file") }
            try table.store(Self.decode(bytes))
        }
        try table.store(recent)
    }

    /// A page number and a checksum, in native byte order.
    private static let recordByteCount = 12
    private static let memoryCount = 8192

    private static func offset(_ index: Int) -> Int64 { Int64(index) * Int64(recordByteCount) }

    private func spill() throws(FileError) {
        if file == nil {
            let made = try File(path, .readWriteOrCreate, permissions: 0o600)
            try made.truncate(to: 0)
            file = consume made
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(recent.count * Self.recordByteCount)
        for entry in recent {
            unsafe withUnsafeBytes(of: entry.page) { unsafe bytes.append(contentsOf: $0) }
            unsafe withUnsafeBytes(of: entry.checksum.rawValue) { unsafe bytes.append(contentsOf: $0) }
        }
        try file?.write(bytes, at: Self.offset(spilledCount))
        spilledCount += recent.count
        recent.removeAll(keepingCapacity: true)
    }

    private static func decode(_ bytes: [UInt8]) -> [(page: UInt32, checksum: Checksum)] {
        unsafe bytes.withUnsafeBytes { buffer in
            stride(from: 0, to: buffer.count, by: recordByteCount).map { start in
                (
                    unsafe buffer.loadUnaligned(fromByteOffset: start, as: UInt32.self),
                    Checksum(rawValue: unsafe buffer.loadUnaligned(fromByteOffset: start + 4, as: UInt64.self))
                )
            }
        }
    }
}
