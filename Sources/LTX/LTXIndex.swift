/// One entry of a page index as it stands in the file, right or wrong.
struct LTXIndexEntry: Hashable, Sendable {
    var page: UInt64
    /// Where the page's frame begins, in bytes from the file's start.
    var offset: UInt64
    /// The size of the frame, in bytes.
    var byteCount: UInt64
}

/// Takes a page index apart, byte by byte. Nothing in it is trusted, and nothing is allocated.
struct LTXIndexParser: Sendable {
    /// What a byte completes.
    enum Step: Hashable, Sendable {
        case nothing
        case entry(LTXIndexEntry)
        /// The zero that ends the index.
        case end
        /// A varint beyond 64 bits, or one with a byte more than it needs.
        case invalid
    }

    private var value: UInt64 = 0
    private var shift: UInt64 = 0
    private var entry = LTXIndexEntry(page: 0, offset: 0, byteCount: 0)
    private var field = 0

    /// Takes the next byte. Of no use after `.end` or `.invalid`.
    mutating func take(_ byte: UInt8) -> Step {
        // The tenth byte of a varint has room for one bit; a last byte of zero adds nothing to those before it.
        guard shift < 63 || byte <= 1, byte != 0 || shift == 0 else { return .invalid }
        value |= UInt64(byte & 0x7F) << shift
        guard byte < 0x80 else {
            shift += 7
            return .nothing
        }
        defer { (value, shift) = (0, 0) }
        switch field {
        case 0:
            guard value != 0 else { return .end }
            entry.page = value
        case 1: entry.offset = value
        default: entry.byteCount = value
        }
        field = (field + 1) % 3
        return field == 0 ? .entry(entry) : .nothing
    }
}

/// Where a file's page index is, by its trailer.
package struct LTXIndexPlace: Hashable, Sendable {
    /// The size of what follows the index: its size and two checksums.
    package static let trailerByteCount = Int64(LTXFrame.trailerByteCount)

    /// In bytes from the file's start; the zero that ends the index is inside.
    package let range: Range<Int64>

    /// The place that `trailer`, the last 24 bytes of a file of `fileByteCount`, claims.
    ///
    /// Errors: `.truncated` if the file is too short to be one; `.indexSize` if there is no room for such an index.
    package init(trailer: Span<UInt8>, fileByteCount: Int64) throws(LTXError) {
        let end = fileByteCount - Self.trailerByteCount
        let room = end - Int64(LTXHeader.byteCount + LTXFrame.terminatorByteCount)
        guard trailer.count == LTXFrame.trailerByteCount, room >= 1 else { throw .truncated }
        let byteCount: UInt64 = trailer.bigEndian(at: 0)
        guard byteCount >= 1, byteCount <= UInt64(room) else { throw .indexSize(byteCount) }
        range = end - Int64(byteCount)..<end
    }
}

/// Counts a file's pages by its index alone, which arrives piece by piece.
///
/// Each entry's frame has to begin where the one before it ended, from the header to the index, and the pages
/// have to ascend: an index that passes describes the file, though only a decoder vouches for the pages.
package struct LTXPageCounter: Sendable {
    private let place: LTXIndexPlace
    private var parser = LTXIndexParser()
    private var frameOffset = UInt64(LTXHeader.byteCount)
    private var last: UInt64 = 0
    private var hasEnded = false
    private var count = 0

    /// A counter for the index at `place`.
    package init(_ place: LTXIndexPlace) { self.place = place }

    /// Takes the next bytes of the index.
    ///
    /// Errors: `.index` if it cannot be this file's.
    package mutating func feed(_ bytes: Span<UInt8>) throws(LTXError) {
        for index in bytes.indices {
            guard !hasEnded else { throw .index }
            switch parser.take(bytes[index]) {
            case .nothing: break
            case .entry(let entry): try accept(entry)
            case .end: hasEnded = true
            case .invalid: throw .index
            }
        }
    }

    /// How many pages the file has.
    ///
    /// Errors: `.index` if the index did not end, or ends elsewhere than the frames.
    package func finish() throws(LTXError) -> Int {
        guard hasEnded, frameOffset + UInt64(LTXFrame.terminatorByteCount) == UInt64(place.range.lowerBound)
        else { throw .index }
        return count
    }

    private mutating func accept(_ entry: LTXIndexEntry) throws(LTXError) {
        guard entry.page > last, entry.page <= UInt64(UInt32.max), entry.offset == frameOffset,
            entry.byteCount >= UInt64(LTXFrame.headerByteCount), entry.byteCount <= UInt64(place.range.lowerBound)
        else { throw .index }
        last = entry.page
        // No overflow: the sum of two numbers that files can have as sizes.
        frameOffset += entry.byteCount
        guard frameOffset <= UInt64(place.range.lowerBound) else { throw .index }
        count += 1
    }
}
