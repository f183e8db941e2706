/// What can be wrong with an LTX file, one case per rule of the format.
///
/// None goes away by trying again with the same bytes: fetch the file again once (a store that is not atomic
/// may have shown half of it), then take another file that covers the range, or a snapshot.
package enum LTXError: Error, Hashable, Sendable {
    // The header.
    case notLTX
    case flags(UInt32)
    case pageSize(UInt32)
    case commit(UInt32)
    case txids(min: UInt64, max: UInt64)
    case preApplyChecksum
    case walRange(offset: Int64, byteCount: Int64)
    case stamp

    // The pages.
    case frameFlags(PageNumber, UInt16)
    case pageOrder(PageNumber, after: PageNumber)
    case pageBeyondCommit(PageNumber, commit: UInt32)
    case lockPage(PageNumber)
    case compressedSize(PageNumber, UInt32)
    case compression(PageNumber)
    case pageLength(PageNumber, byteCount: Int)
    case missingPage(PageNumber)
    case terminator

    // The end.
    case index
    case indexSize(UInt64)
    case postApplyChecksum
    case fileChecksum(stored: UInt64, computed: Checksum)
    case truncated
    case trailingBytes
}

extension LTXError: CustomStringConvertible {
    /// One sentence that says which rule is broken.
    package var description: String {
        switch self {
        case .notLTX: "not an LTX file: it does not begin with LTX1"
        case .flags(let flags):
            "header flags \(flags), not 2: only files without database checksums, as Litestream 0.5 writes, can be read"
        case .pageSize(let size): "page size \(size) is not a power of two from 512 to 65536"
        case .commit(let commit): "a database of \(commit) pages cannot be"
        case .txids(let min, let max):
            "the TXID range \(Hex.string(min))-\(Hex.string(max)) runs backwards or begins at zero"
        case .preApplyChecksum: "a checksum before the file in its header, though the flags say there are none"
        case .walRange(let offset, let byteCount): "impossible WAL range: offset \(offset), size \(byteCount)"
        case .stamp: "the header carries Fantail's mark, but no valid epoch and checksums with it"
        case .frameFlags(let page, let flags):
            "page \(page) has frame flags \(flags), not 1: an older Litestream wrote it; snapshot with 0.5.17 or later"
        case .pageOrder(let page, let previous): "page \(page) comes after page \(previous); pages must ascend"
        case .pageBeyondCommit(let page, let commit): "page \(page) lies beyond the database's \(commit) pages"
        case .lockPage(let page): "page \(page) is the lock page, which holds no data"
        case .compressedSize(let page, let size):
            "page \(page) claims \(size) compressed bytes, more than a page can take"
        case .compression(let page): "page \(page) does not decompress to one page"
        case .pageLength(let page, let byteCount): "page \(page) was given with \(byteCount) bytes, not one page size"
        case .missingPage(let page):
            "page \(page) is missing; a file that begins at TXID 1 must hold the whole database"
        case .terminator: "the frame that ends the pages has flags"
        case .index: "the page index does not describe the pages in the file"
        case .indexSize(let size): "the page index claims \(size) bytes, which is not its size"
        case .postApplyChecksum: "a checksum after the file in its trailer, though the flags say there are none"
        case .fileChecksum(let stored, let computed):
            "the checksum is \(Hex.string(stored)), but the bytes give \(computed): damaged in the store or on the way"
        case .truncated: "the file ends early"
        case .trailingBytes: "bytes follow the file's end"
        }
    }
}
