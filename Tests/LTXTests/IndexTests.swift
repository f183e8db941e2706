import LTX
import Testing

/// Counting pages by the end of a file alone.
@Suite struct IndexTests {
    @Test(arguments: ["512-snapshot.ltx", "512-next.ltx", "512-compacted.ltx", "4096-snapshot.ltx", "65536-snapshot.ltx"])
    func `The index of a real file tells how many pages there are`(name: String) throws {
        let bytes = try golden(name)
        #expect(try count(bytes) == LTXBytes(decoding: bytes).pages.count)
    }

    @Test func `A file of no pages has none`() throws {
        // Written by hand, as no encoder of a database's log does it.
        let header = try LTXBytes.snapshot().header.encoded()
        let end: [UInt8] = [0, 0, 0, 0, 0, 0, 0] + [0, 0, 0, 0, 0, 0, 0, 1] + [UInt8](repeating: 0, count: 16)
        #expect(try count(header + end) == 0)
    }

    @Test func `Every flipped bit of an index or of its size is refused`() throws {
        let bytes = try golden("512-snapshot.ltx")
        let start = bytes.count - 24 - 37
        for bit in start * 8..<(bytes.count - 16) * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            // The last page's number alone could be a higher one: the frames' places say nothing of it.
            if let counted = try? count(damaged) { #expect(counted == 9, "bit \(bit)") }
        }
    }

    @Test func `Every truncation is refused`() throws {
        let bytes = try golden("512-next.ltx")
        for byteCount in 0..<bytes.count {
            #expect(throws: LTXError.self, "cut at \(byteCount)") { try count([UInt8](bytes[..<byteCount])) }
        }
    }

    @Test(arguments: [0, 76, UInt64.max, UInt64(Int64.max), 1 << 40])
    func `An index size without room for it in the file is refused`(size: UInt64) throws {
        var bytes = try golden("512-next.ltx")
        for index in 0..<8 { bytes[bytes.count - 24 + index] = UInt8(truncatingIfNeeded: size >> UInt64(56 - 8 * index)) }
        #expect(throws: LTXError.indexSize(size)) { try count(bytes) }
    }

    @Test func `A varint that never ends is refused`() throws {
        var bytes = try golden("512-snapshot.ltx")
        for index in bytes.count - 61..<bytes.count - 24 { bytes[index] = 0xFF }
        #expect(throws: LTXError.index) { try count(bytes) }
    }

    /// As a reader of the file's end does it, a few bytes at a time.
    private func count(_ bytes: [UInt8]) throws -> Int {
        let place = try LTXIndexPlace(trailer: Array(bytes.suffix(24)).span, fileByteCount: Int64(bytes.count))
        var counter = LTXPageCounter(place)
        let index = Array(bytes[Int(place.range.lowerBound)..<Int(place.range.upperBound)])
        for start in stride(from: 0, to: index.count, by: 5) {
            try counter.feed(Array(index[start..<min(start + 5, index.count)]).span)
        }
        return try counter.finish()
    }
}
