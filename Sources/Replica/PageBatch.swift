package import LTX

/// Some pages of a state, by ascending number within one file.
package struct PageBatch: Sendable {
    /// Of all its pages.
    package let pageSize: PageSize
    /// Which pages, and each one's checksum.
    package private(set) var pages: [(number: PageNumber, checksum: Checksum)] = []
    /// Their bytes, one after the other.
    package private(set) var bytes: [UInt8] = []

    /// About what a disk or a line takes at once; a page more fits.
    static let targetByteCount = 1 << 20

    init(pageSize: PageSize) {
        self.pageSize = pageSize
        bytes.reserveCapacity(PageBatch.targetByteCount)
    }

    var isFull: Bool { bytes.count >= PageBatch.targetByteCount }

    mutating func append(_ number: PageNumber, _ page: [UInt8], _ checksum: Checksum) {
        pages.append((number, checksum))
        bytes.append(contentsOf: page)
    }

    /// The pages as stretches that lie together in the database: the first page's number, and where the
    /// stretch's bytes are in `bytes`.
    package var stretches: [(first: PageNumber, bytes: Range<Int>)] {
        var stretches: [(first: PageNumber, bytes: Range<Int>)] = []
        var previous: UInt32 = 0
        for (index, page) in pages.enumerated() {
            let start = index * pageSize.byteCount
            if let open = stretches.last, page.number.rawValue == previous + 1 {
                stretches[stretches.count - 1].bytes = open.bytes.lowerBound..<start + pageSize.byteCount
            } else {
                stretches.append((page.number, start..<start + pageSize.byteCount))
            }
            previous = page.number.rawValue
        }
        return stretches
    }
}
