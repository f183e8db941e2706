/// The sizes of what follows the header in an LTX file.
///
/// Shape, big-endian: one frame per page (page number u32, flags u16 = 1, size u32, an LZ4 block of that size),
/// six zero bytes; the page index (per page: number, absolute offset and size of its frame as varints), one zero
/// byte; the index's size u64, that zero byte included; checksum after u64 (0), file checksum u64.
/// The file checksum covers all of it but itself, with the pages' bytes in place of their LZ4 blocks.
enum LTXFrame {
    /// The number, flags and size in front of a page's LZ4 block.
    static let headerByteCount = 10
    /// Says in a frame's flags that a size follows.
    static let sizeFlag: UInt16 = 1
    /// The frame that ends the pages.
    static let terminatorByteCount = 6
    /// The index's size and the two checksums.
    static let trailerByteCount = 24

    /// Appends one page's entry of the page index.
    static func appendIndexEntry(to index: inout [UInt8], page: PageNumber, offset: Int64, byteCount: Int) {
        index.append(varint: UInt64(page.rawValue))
        index.append(varint: UInt64(offset))
        index.append(varint: UInt64(byteCount))
    }
}
