/// Reads one LTX file that arrives piece by piece, and checks every rule of the format on the way.
///
/// Feed it the file's bytes in order and take pages until it asks for more. A page that it hands out is whole,
/// but only a decoder whose `finish` did not throw vouches for the file: the checksum comes last. Memory: what
/// was fed and not taken yet, at most one frame beyond the last piece; no length in the file makes it allocate.
package struct LTXDecoder: ~Copyable, Sendable {
    /// What `next` came upon.
    package enum Step: Hashable, Sendable {
        /// Feed more bytes, or finish.
        case needsBytes
        /// A page, now in the buffer.
        case page(PageNumber)
        /// The file's end, and its checksum, which fits the bytes.
        case end(Checksum)
    }

    private enum State {
        case header
        case frames
        /// In the index, this many bytes before its end.
        case index(remaining: Int)
        case trailer
        case end(Checksum)
    }

    /// The file's header, from the first `next` after its 100 bytes were fed.
    package private(set) var header: LTXHeader?

    private var state = State.header
    private var pages: PageSequence?
    /// What was fed, from `cursor` on not used yet.
    private var buffer: [UInt8] = []
    private var cursor = 0
    /// Where `cursor` is in the file, in bytes from its start.
    private var offset: Int64 = 0
    private var fileSum = CRC64()
    /// What the index has to be is known from the frames; to compare it, its sum and length are enough.
    private var expectedIndex = IndexSum()
    private var actualIndex = CRC64()

    /// A decoder at the start of a file.
    package init() {}

    /// How many pages came so far.
    package var pageCount: Int { pages?.count ?? 0 }

    /// Takes the file's next bytes.
    package mutating func feed(_ bytes: Span<UInt8>) {
        buffer.removeSubrange(..<cursor)
        cursor = 0
        // The pointer is copied from at once and does not leave the closure.
        unsafe bytes.withUnsafeBufferPointer { unsafe buffer.append(contentsOf: $0) }
    }

    /// Goes on to the next page, which fills `page` (made one page long if it is not), or to the file's end.
    ///
    /// Errors: the rule that the file breaks; the decoder is of no use afterwards.
    package mutating func next(into page: inout [UInt8]) throws(LTXError) -> Step {
        while true {
            switch state {
            case .header:
                guard try readHeader() else { return .needsBytes }
            case .frames:
                if let step = try readFrame(into: &page) { return step }
            case .index(let remaining):
                guard try readIndex(remaining) else { return .needsBytes }
            case .trailer:
                guard try readTrailer() else { return .needsBytes }
            case .end(let checksum):
                return .end(checksum)
            }
        }
    }

    /// Call once the file has no more bytes and `next` wants no more.
    ///
    /// Errors: `.truncated` if the end did not come, `.trailingBytes` if more came after it.
    package func finish() throws(LTXError) {
        guard case .end = state else { throw .truncated }
        guard available == 0 else { throw .trailingBytes }
    }

    // MARK: - Parts of the file

    private mutating func readHeader() throws(LTXError) -> Bool {
        guard available >= LTXHeader.byteCount else { return false }
        let header = try LTXHeader(parsing: buffer.span.extracting(cursor...))
        consume(LTXHeader.byteCount)
        self.header = header
        pages = PageSequence(pageSize: header.pageSize, commit: header.commit)
        state = .frames
        return true
    }

    /// Nil when the pages have ended.
    private mutating func readFrame(into page: inout [UInt8]) throws(LTXError) -> Step? {
        guard let header else { preconditionFailure("BUG: frames before the header") }
        guard available >= LTXFrame.terminatorByteCount else { return .needsBytes }
        let flags: UInt16 = buffer.span.bigEndian(at: cursor + 4)
        guard let number = PageNumber(rawValue: buffer.span.bigEndian(at: cursor)) else {
            guard flags == 0 else { throw .terminator }
            if header.isSnapshot { try pages?.requireAll() }
            consume(LTXFrame.terminatorByteCount)
            state = .index(remaining: expectedIndex.byteCount + 1)
            return nil
        }
        guard flags == LTXFrame.sizeFlag else { throw .frameFlags(number, flags) }
        guard available >= LTXFrame.headerByteCount else { return .needsBytes }
        let size: UInt32 = buffer.span.bigEndian(at: cursor + 6)
        guard size <= LZ4Block.bound(header.pageSize.byteCount) else { throw .compressedSize(number, size) }
        let frameByteCount = LTXFrame.headerByteCount + Int(size)
        guard available >= frameByteCount else { return .needsBytes }
        try pages?.accept(number)

        if page.count != header.pageSize.byteCount {
            page = [UInt8](repeating: 0, count: header.pageSize.byteCount)
        }
        let block = cursor + LTXFrame.headerByteCount..<cursor + frameByteCount
        guard LZ4Block.decompress(buffer.span.extracting(block), into: &page) else { throw .compression(number) }
        expectedIndex.append(page: number, offset: offset, byteCount: frameByteCount)
        consume(LTXFrame.headerByteCount)
        skip(Int(size))
        fileSum.update(page.span)
        return .page(number)
    }

    private mutating func readIndex(_ remaining: Int) throws(LTXError) -> Bool {
        let count = min(remaining, available)
        actualIndex = actualIndex.adding(buffer.span.extracting(cursor..<cursor + count))
        consume(count)
        guard count == remaining else {
            state = .index(remaining: remaining - count)
            return false
        }
        guard actualIndex.value == expectedIndex.endedSum else { throw .index }
        state = .trailer
        return true
    }

    private mutating func readTrailer() throws(LTXError) -> Bool {
        guard available >= LTXFrame.trailerByteCount else { return false }
        let indexSize: UInt64 = buffer.span.bigEndian(at: cursor)
        guard indexSize == UInt64(expectedIndex.byteCount + 1) else { throw .indexSize(indexSize) }
        guard buffer.span.bigEndian(at: cursor + 8, as: UInt64.self) == 0 else { throw .postApplyChecksum }
        let stored: UInt64 = buffer.span.bigEndian(at: cursor + 16)
        consume(16)
        let computed = Checksum(rawValue: fileSum.value)
        guard stored == computed.rawValue else { throw .fileChecksum(stored: stored, computed: computed) }
        skip(8)
        state = .end(computed)
        return true
    }

    // MARK: - The buffer

    private var available: Int { buffer.count - cursor }

    /// Goes on by `count` bytes that the file checksum covers.
    private mutating func consume(_ count: Int) {
        fileSum = fileSum.adding(buffer.span.extracting(cursor..<cursor + count))
        skip(count)
    }

    private mutating func skip(_ count: Int) {
        cursor += count
        offset += Int64(count)
    }
}

/// The sum and length of the page index that belongs to the frames seen, without keeping it.
private struct IndexSum: Sendable {
    private var sum = CRC64()
    private var entry: [UInt8] = []
    private(set) var byteCount = 0

    mutating func append(page: PageNumber, offset: Int64, byteCount frameByteCount: Int) {
        entry.removeAll(keepingCapacity: true)
        LTXFrame.appendIndexEntry(to: &entry, page: page, offset: offset, byteCount: frameByteCount)
        sum = sum.adding(entry.span)
        byteCount += entry.count
    }

    /// The sum including the zero byte that ends the index.
    var endedSum: UInt64 {
        let end: [UInt8] = [0]
        return sum.adding(end.span).value
    }
}
