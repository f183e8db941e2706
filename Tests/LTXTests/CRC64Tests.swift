import LTX
import Testing

@Suite struct CRC64Tests {
    @Test func `The check value is that of CRC-64 GO-ISO`() {
        #expect(CRC64([UInt8]("123456789".utf8).span).value == 0xB909_56C7_75A4_1001)
    }

    @Test func `The sum of nothing is zero`() {
        #expect(CRC64().value == 0)
    }

    @Test(arguments: [0, 1, 7, 8, 9, 63, 64, 255, 256, 257, 320, 511, 512, 1000, 4096, 65_537])
    func `The fast way gives what the definition gives`(byteCount: Int) {
        let bytes = noise(byteCount)
        #expect(CRC64(bytes.span).value == bitByBit(bytes))
    }

    @Test func `Where the bytes are cut does not matter`() {
        let bytes = noise(1500)
        let whole = CRC64(bytes.span).value
        for cut in 0...bytes.count {
            let first = [UInt8](bytes[..<cut])
            let rest = [UInt8](bytes[cut...])
            #expect(CRC64(first.span).adding(rest.span).value == whole, "cut at \(cut)")
        }
    }

    @Test func `Two sums combine to that of both in a row`() {
        let bytes = noise(1000)
        for cut in stride(from: 0, through: 1000, by: 37) {
            let first = [UInt8](bytes[..<cut])
            let rest = [UInt8](bytes[cut...])
            let combined = CRC64.combine(
                CRC64(first.span).value, CRC64(rest.span).value, secondByteCount: Int64(rest.count))
            #expect(combined == CRC64(bytes.span).value, "cut at \(cut)")
        }
    }

    @Test func `A page's checksum covers its number`() {
        let bytes = noise(512)
        let first = Checksum.page(.first, bytes.span)
        #expect(first != Checksum.page(PageNumber(rawValue: 2)!, bytes.span))
        #expect(first.rawValue == bitByBit([0, 0, 0, 1] + bytes) | Checksum.flag)
    }

    @Test func `Toggling a page twice leaves a database's checksum as it was`() {
        let page = Checksum.page(.first, noise(512).span)
        #expect(Checksum.empty.toggling(page).toggling(page) == .empty)
    }

    private func noise(_ byteCount: Int) -> [UInt8] {
        (0..<byteCount).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 11) }
    }

    /// The definition, a bit at a time.
    private func bitByBit(_ bytes: [UInt8]) -> UInt64 {
        var remainder = UInt64.max
        for byte in bytes {
            remainder ^= UInt64(byte)
            for _ in 0..<8 { remainder = remainder >> 1 ^ (remainder & 1 == 1 ? 0xD800_0000_0000_0000 : 0) }
        }
        return ~remainder
    }
}
