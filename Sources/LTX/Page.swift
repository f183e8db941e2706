/// The size of a database page: a power of two from 512 to 65536 bytes.
///
/// Source: https://www.sqlite.org/fileformat2.html#page_size
package struct PageSize: Hashable, Sendable {
    /// In bytes.
    package let byteCount: Int

    /// The page size of that many bytes, or nil where SQLite has no such page size.
    package init?(_ byteCount: Int) {
        guard (512...65536).contains(byteCount), byteCount.nonzeroBitCount == 1 else { return nil }
        self.byteCount = byteCount
    }

    /// The page that holds the lock bytes at 1 GiB. SQLite never stores data there and no LTX file
    /// may contain it.
    ///
    /// Source: https://www.sqlite.org/fileformat2.html#the_lock_byte_page
    package var lockPage: PageNumber { PageNumber(rawValue: UInt32(0x4000_0000 / byteCount) + 1)! }
}

/// The number of a database page; the first is 1.
package struct PageNumber: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt32

    /// The page with this number, or nil for zero.
    package init?(rawValue: UInt32) {
        guard rawValue != 0 else { return nil }
        self.rawValue = rawValue
    }

    /// The first page, which carries the database header.
    package static let first = PageNumber(rawValue: 1)!

    /// Where the page begins, in bytes from the start of a database file.
    package func offset(_ pageSize: PageSize) -> Int64 { Int64(rawValue - 1) * Int64(pageSize.byteCount) }

    package static func < (a: PageNumber, b: PageNumber) -> Bool { a.rawValue < b.rawValue }
}

extension PageNumber: CustomStringConvertible {
    /// The number in decimal.
    package var description: String { String(rawValue) }
}
