/// Writes one LTX file in a single pass, although its header is known only at the end: the stamp carries the
/// database's checksum after the last page, and the file checksum begins with the header.
///
/// The caller writes what `takeOutput` gives from offset 100 on, and the header at offset 0 last; the body's sum
/// runs by itself and is combined with the header's. Memory: what was not taken yet, and at most 14 bytes of
/// page index a page.
package struct LTXEncoder: ~Copyable, Sendable {
    private let pageSize: PageSize
    private let commit: UInt32
    private var pages: PageSequence
    private var output: [UInt8] = []
    private var index: [UInt8] = []
    /// Room for one compressed page, used again for each.
    private var compressed: [UInt8]
    /// Where the next frame begins, in bytes from the file's start.
    private var offset = Int64(LTXHeader.byteCount)
    private var bodySum = CRC64()
    /// How many bytes `bodySum` covers: the pages count whole, not compressed.
    private var summedByteCount: Int64 = 0

    /// What is left to write when all pages are in.
    package struct Ending: Sendable {
        /// The 100 bytes at the file's start.
        package let header: [UInt8]
        /// What follows everything that `takeOutput` gave before.
        package let tail: [UInt8]
        /// The size of the whole file, in bytes.
        package let byteCount: Int64
    }

    /// An encoder of a file that leads to a database of `commit` pages.
    package init(pageSize: PageSize, commit: UInt32) {
        self.pageSize = pageSize
        self.commit = commit
        pages = PageSequence(pageSize: pageSize, commit: commit)
        compressed = [UInt8](repeating: 0, count: LZ4Block.bound(pageSize.byteCount))
    }

    /// How many pages were appended.
    package var pageCount: Int { pages.count }

    /// How many bytes `takeOutput` would give.
    package var outputByteCount: Int { output.count }

    /// Appends a page. Pages ascend, without the lock page.
    ///
    /// Errors: `.pageOrder`, `.pageBeyondCommit`, `.lockPage`, `.pageLength`; the file is then as before.
    package mutating func append(_ page: PageNumber, _ bytes: Span<UInt8>) throws(LTXError) {
        guard bytes.count == pageSize.byteCount else { throw .pageLength(page, byteCount: bytes.count) }
        try pages.accept(page)
        let blockByteCount = LZ4Block.compress(bytes, into: &compressed)

        let frameStart = output.count
        output.append(bigEndian: page.rawValue)
        output.append(bigEndian: LTXFrame.sizeFlag)
        output.append(bigEndian: UInt32(blockByteCount))
        bodySum = bodySum.adding(output.span.extracting(frameStart...)).adding(bytes)
        summedByteCount += Int64(LTXFrame.headerByteCount + bytes.count)
        output.append(contentsOf: compressed[..<blockByteCount])

        let frameByteCount = output.count - frameStart
        LTXFrame.appendIndexEntry(to: &index, page: page, offset: offset, byteCount: frameByteCount)
        offset += Int64(frameByteCount)
    }

    /// Hands over the bytes that were produced since the last call; they follow those given before.
    package mutating func takeOutput() -> [UInt8] {
        var taken: [UInt8] = []
        // The next piece will be about as long as this one.
        taken.reserveCapacity(output.count)
        swap(&taken, &output)
        return taken
    }

    /// Ends the file.
    ///
    /// Errors: a rule that the header breaks, `.missingPage` if it says TXID 1 and the database is not all there.
    package consuming func finish(_ header: LTXHeader) throws(LTXError) -> Ending {
        precondition(header.pageSize == pageSize && header.commit == commit, "BUG: header of another file")
        if header.isSnapshot { try pages.requireAll() }
        let encodedHeader = try header.encoded()

        var end = [UInt8](repeating: 0, count: LTXFrame.terminatorByteCount)
        end.append(contentsOf: index)
        end.append(0)
        end.append(bigEndian: UInt64(index.count + 1))
        end.append(bigEndian: UInt64(0))

        let fileSum = CRC64.combine(
            CRC64(encodedHeader.span).value, bodySum.adding(end.span).value,
            secondByteCount: summedByteCount + Int64(end.count))
        end.append(bigEndian: Checksum(rawValue: fileSum).rawValue)
        return Ending(header: encodedHeader, tail: output + end, byteCount: offset + Int64(end.count))
    }
}
