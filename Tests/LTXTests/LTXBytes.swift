import Foundation
import LTX

/// A whole LTX file at hand: what the tests write and read back.
struct LTXBytes: Equatable {
    struct Page: Equatable {
        let number: PageNumber
        let bytes: [UInt8]
    }

    var header: LTXHeader
    var pages: [Page]

    init(header: LTXHeader, pages: [Page]) {
        self.header = header
        self.pages = pages
    }

    /// Decodes `bytes`, fed `pieceByteCount` at a time.
    init(decoding bytes: [UInt8], pieceByteCount: Int = .max) throws {
        var decoder = LTXDecoder()
        var pages: [Page] = []
        var page: [UInt8] = []
        var fed = 0
        reading: while true {
            switch try decoder.next(into: &page) {
            case .page(let number):
                pages.append(Page(number: number, bytes: page))
            case .needsBytes where fed < bytes.count:
                let end = min(bytes.count, fed + min(pieceByteCount, bytes.count))
                decoder.feed(bytes[fed..<end].span)
                fed = end
            case .needsBytes:
                try decoder.finish()
                preconditionFailure("finish let an incomplete file pass")
            case .end:
                let rest = [UInt8](bytes[fed...])
                decoder.feed(rest.span)
                break reading
            }
        }
        self.init(header: decoder.header!, pages: pages)
        try decoder.finish()
    }

    func encoded() throws(LTXError) -> [UInt8] {
        var encoder = LTXEncoder(pageSize: header.pageSize, commit: header.commit)
        var body: [UInt8] = []
        for page in pages {
            try encoder.append(page.number, page.bytes.span)
            body += encoder.takeOutput()
        }
        let ending = try encoder.finish(header)
        return ending.header + body + ending.tail
    }

    /// The database's bytes once the file is applied to `database`.
    func applied(to database: [UInt8] = []) -> [UInt8] {
        let size = header.pageSize.byteCount
        var image = database
        let byteCount = Int(header.commit) * size
        image.removeLast(max(0, image.count - byteCount))
        image += [UInt8](repeating: 0, count: byteCount - image.count)
        for page in pages {
            let start = Int(page.number.offset(header.pageSize))
            image.replaceSubrange(start..<start + size, with: page.bytes)
        }
        return image
    }
}

extension LTXBytes {
    /// A snapshot of `pageCount` pages whose bytes follow from their numbers.
    static func snapshot(pageSize: Int = 512, pageCount: UInt32 = 3, stamp: LTXStamp? = nil) -> LTXBytes {
        let size = PageSize(pageSize)!
        return LTXBytes(
            header: LTXHeader(
                pageSize: size, commit: pageCount, name: LTXFileName(.first), timestampMilliseconds: 1_700_000_000_000,
                stamp: stamp),
            pages: (0..<pageCount).map { page($0 + 1, pageSize: size) })
    }

    static func page(_ number: UInt32, pageSize: PageSize) -> Page {
        Page(
            number: PageNumber(rawValue: number)!,
            bytes: (0..<pageSize.byteCount).map { UInt8(truncatingIfNeeded: $0 / 7 &* Int(number)) })
    }
}

/// A file in the Golden folder.
func golden(_ name: String) throws -> [UInt8] {
    let folder = Bundle.module.resourceURL!.appendingPathComponent("Golden")
    return [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
}
