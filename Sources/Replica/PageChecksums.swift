package import Files
package import LTX

/// The checksum of every page of a database, in a file beside it: what tells a primary, after a restart, which
/// pages changed meanwhile, and a follower whether a transaction leads to the state that the log says.
///
/// Shape: a file of 8 bytes a page, native byte order; page 1 first; zero for a page never taken in and for the
/// lock page. Whether it belongs to a state is decided by XOR: `total` must be that state's checksum.
package final class PageChecksums: Sendable {
    private let file: File
    private static let entryByteCount = 8
    /// Entries read at once: 64 KiB of them.
    private static let chunkEntryCount = 8192

    /// Opens the table at `path`, or makes an empty one.
    package init(path: String) throws(FileError) {
        file = try File(path, .readWriteOrCreate, permissions: 0o600)
    }

    /// The checksum of a page, or nil if it was never taken in.
    package subscript(page: UInt32) -> Checksum? {
        get throws(FileError) {
            let bytes = try file.read(upTo: Self.entryByteCount, at: Self.offset(page))
            guard bytes.count == Self.entryByteCount else { return nil }
            let value = Self.values(bytes)[0]
            return value == 0 ? nil : Checksum(rawValue: value)
        }
    }

    /// Sets entries, given by ascending page number; runs of neighbours are written at once.
    package func store(_ entries: [(page: UInt32, checksum: Checksum)]) throws(FileError) {
        var start = 0
        while start < entries.count {
            var end = start + 1
            while end < entries.count, end - start < Self.chunkEntryCount,
                entries[end].page == entries[end - 1].page + 1
            { end += 1 }
            var run: [UInt8] = []
            run.reserveCapacity((end - start) * Self.entryByteCount)
            for entry in entries[start..<end] {
                unsafe withUnsafeBytes(of: entry.checksum.rawValue) { unsafe run.append(contentsOf: $0) }
            }
            try file.write(run, at: Self.offset(entries[start].page))
            start = end
        }
    }

    /// Makes what was stored survive a power cut.
    package func sync() throws(FileError) { try file.sync() }

    /// Forgets pages past `pageCount`.
    package func truncate(to pageCount: UInt32) throws(FileError) {
        if try file.size() > Self.offset(pageCount + 1) { try file.truncate(to: Self.offset(pageCount + 1)) }
    }

    /// The checksum of a database that has just these pages.
    package func total() throws(FileError) -> Checksum {
        var total = Checksum.empty
        try forEach(from: 1, through: .max) { _, checksum in total = total.toggling(checksum) }
        return total
    }

    /// Calls `body` for every known page of a range, in order.
    package func forEach(from first: UInt32, through last: UInt32, _ body: (UInt32, Checksum) -> Void) throws(FileError) {
        var page = UInt64(first)
        while page <= UInt64(last) {
            let wanted = min(Self.chunkEntryCount, Int(UInt64(last) - page + 1))
            let bytes = try file.read(
                upTo: wanted * Self.entryByteCount, at: Int64(page - 1) * Int64(Self.entryByteCount))
            let values = Self.values(bytes)
            for (index, value) in values.enumerated() where value != 0 {
                body(UInt32(page) + UInt32(index), Checksum(rawValue: value))
            }
            if values.count < wanted { return }
            page += UInt64(values.count)
        }
    }

    /// Takes the pages of an LTX file in, as they would have been stored after it was written. False if there
    /// is no such file or it is not whole.
    package func rollForward(_ path: String) throws(FileError) -> Bool {
        guard try File.exists(path) else { return false }
        let input = try File(path, .read)
        var decoder = LTXDecoder()
        var page: [UInt8] = []
        var offset: Int64 = 0
        do {
            while true {
                switch try decoder.next(into: &page) {
                case .needsBytes:
                    let bytes = try input.read(upTo: 1 << 20, at: offset)
                    guard !bytes.isEmpty else { return false }
                    offset += Int64(bytes.count)
                    decoder.feed(bytes.span)
                case .page(let number):
                    try store([(number.rawValue, Checksum.page(number, page.span))])
                case .end:
                    if let commit = decoder.header?.commit { try truncate(to: commit) }
                    return true
                }
            }
        } catch let error as FileError { throw error } catch { return false }
    }

    private static func offset(_ page: UInt32) -> Int64 { Int64(page - 1) * Int64(entryByteCount) }

    private static func values(_ bytes: [UInt8]) -> [UInt64] {
        unsafe bytes.withUnsafeBytes { buffer in
            (0..<buffer.count / entryByteCount).map {
                unsafe buffer.loadUnaligned(fromByteOffset: $0 * entryByteCount, as: UInt64.self)
            }
        }
    }
}
