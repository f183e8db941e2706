import LTX
import Testing

@Suite struct HeaderTests {
    @Test func `A header survives being written and read`() throws {
        for header in [example(), example(stamped: true)] {
            #expect(try parse(header.encoded()) == header)
        }
    }

    @Test func `A stamp's epoch is the node ID and the rest lies in the reserved bytes`() throws {
        let bytes = try example(stamped: true).encoded()
        #expect(bytes[72..<80] == [0, 0, 0, 0, 0, 0, 0, 77])
        #expect(bytes[80..<84] == [UInt8]("FAN1".utf8)[...])
        #expect(bytes[84..<92] == [0x80, 0, 0, 0, 0, 0, 0, 5])
        #expect(bytes[92..<100] == [0x80, 0, 0, 0, 0, 0, 0, 6])
    }

    @Test func `A node ID without the mark is another program's and no stamp`() throws {
        var bytes = try example().encoded()
        bytes[79] = 9
        #expect(try parse(bytes).stamp == nil)
    }

    @Test(arguments: 0..<LTXHeader.byteCount)
    func `A short header is truncated`(byteCount: Int) throws {
        let bytes = [UInt8](try example().encoded()[..<byteCount])
        #expect(throws: LTXError.truncated) { try parse(bytes) }
    }

    /// A field, the big-endian value that is put there, and what that is refused as.
    static let rules: [(Int, [UInt8], LTXError)] = [
        (0, [0x4D], .notLTX),
        (4, [0, 0, 0, 0], .flags(0)),
        (4, [0, 0, 0, 3], .flags(3)),
        (8, [0, 0, 0, 0], .pageSize(0)),
        (8, [0, 0, 1, 0], .pageSize(256)),
        (8, [0, 0, 2, 1], .pageSize(513)),
        (8, [0, 2, 0, 0], .pageSize(131_072)),
        (12, [0, 0, 0, 0], .commit(0)),
        (12, [255, 255, 255, 255], .commit(.max)),
        (16, [UInt8](repeating: 0, count: 8), .txids(min: 0, max: 4)),
        (24, [UInt8](repeating: 0, count: 8), .txids(min: 3, max: 0)),
        (31, [2], .txids(min: 3, max: 2)),
        (40, [0x80], .preApplyChecksum),
        (48, [0x80], .walRange(offset: .min + 32, byteCount: 64)),
        (56, [0x80], .walRange(offset: 32, byteCount: .min + 64)),
        (48, [UInt8](repeating: 0, count: 8), .walRange(offset: 0, byteCount: 64)),
    ]

    @Test(arguments: rules)
    func `Each rule of the header is kept`(offset: Int, value: [UInt8], error: LTXError) throws {
        var bytes = try example().encoded()
        bytes.replaceSubrange(offset..<offset + value.count, with: value)
        #expect(throws: error) { try parse(bytes) }
    }

    /// The epoch, the checksum before and the one after; the last two must be zero or carry bit 63.
    @Test(arguments: [(72, 8), (84, 1), (92, 1)])
    func `The mark without a valid epoch and checksums is refused`(offset: Int, byteCount: Int) throws {
        var bytes = try example(stamped: true).encoded()
        for index in offset..<offset + byteCount { bytes[index] = 0 }
        #expect(throws: LTXError.stamp) { try parse(bytes) }
    }

    private func parse(_ bytes: [UInt8]) throws(LTXError) -> LTXHeader { try LTXHeader(parsing: bytes.span) }

    private func example(stamped: Bool = false) -> LTXHeader {
        LTXHeader(
            pageSize: PageSize(65536)!, commit: 12,
            name: LTXFileName(minTXID: TXID(rawValue: 3)!, maxTXID: TXID(rawValue: 4)!), timestampMilliseconds: -5,
            wal: LTXWALRange(offset: 32, byteCount: 64, salt1: 1, salt2: 2),
            stamp: stamped
                ? LTXStamp(
                    epoch: Epoch(rawValue: 77)!, before: Checksum(rawValue: 5), after: Checksum(rawValue: 6)) : nil)
    }
}
