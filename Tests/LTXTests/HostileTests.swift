import LTX
import Testing

/// Bytes that something or someone damaged.
@Suite struct HostileTests {
    @Test(arguments: ["512-snapshot.ltx", "512-next.ltx", "512-compacted.ltx"])
    func `Every truncation is refused`(name: String) throws {
        let bytes = try golden(name)
        for byteCount in 0..<bytes.count {
            #expect(throws: LTXError.truncated, "cut at \(byteCount)") {
                try LTXBytes(decoding: [UInt8](bytes[..<byteCount]))
            }
        }
    }

    @Test(arguments: ["512-snapshot.ltx", "512-next.ltx", "512-compacted.ltx"])
    func `Every flipped bit is refused or harmless`(name: String) throws {
        let bytes = try golden(name)
        let original = try LTXBytes(decoding: bytes)
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            // An LZ4 block may hold the same page in two ways; whatever passes must read as the original.
            if let read = try? LTXBytes(decoding: damaged) { #expect(read == original, "bit \(bit)") }
        }
    }

    @Test func `Bytes after the end are refused`() throws {
        let bytes = try golden("512-next.ltx")
        #expect(throws: LTXError.trailingBytes) { try LTXBytes(decoding: bytes + [0]) }
        #expect(throws: LTXError.trailingBytes) { try LTXBytes(decoding: bytes + bytes) }
    }

    @Test func `A compressed size beyond the bound is refused before any of it is awaited`() throws {
        let bytes = try patched(at: 106, [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(throws: LTXError.compressedSize(.first, .max)) { try LTXBytes(decoding: [UInt8](bytes[..<110])) }
        let justAbove = UInt8(512 + 2 + 16 + 1 - 512)
        #expect(throws: LTXError.compressedSize(.first, 531)) {
            try LTXBytes(decoding: patched(at: 106, [0, 0, 2, justAbove]))
        }
    }

    @Test func `A block that fills less than a page is refused`() throws {
        // A token for fifteen literals and more, whose length then lies past the block.
        #expect(throws: LTXError.compression(.first)) { try LTXBytes(decoding: patched(at: 110, [0xF0, 0xFF])) }
    }

    @Test func `Frame flags other than size-follows are refused`() throws {
        #expect(throws: LTXError.frameFlags(.first, 0)) { try LTXBytes(decoding: patched(at: 104, [0, 0])) }
    }

    @Test func `A page out of order is refused`() throws {
        let bytes = try snapshot()
        let second = 100 + frameByteCount(bytes, at: 100)
        let two = PageNumber(rawValue: 2)!
        #expect(throws: LTXError.pageOrder(.first, after: .first)) {
            try LTXBytes(decoding: patched(at: second + 3, [1]))
        }
        #expect(throws: LTXError.missingPage(two)) {
            try LTXBytes(decoding: patched(at: second + 3, [3], pages: 2, commit: 3))
        }
        #expect(throws: LTXError.pageBeyondCommit(PageNumber(rawValue: 9)!, commit: 3)) {
            try LTXBytes(decoding: patched(at: second + 3, [9]))
        }
    }

    @Test func `A snapshot that ends early is refused`() throws {
        #expect(throws: LTXError.missingPage(PageNumber(rawValue: 4)!)) {
            try LTXBytes(decoding: patched(at: 15, [4]))
        }
    }

    @Test func `A terminator with flags is refused`() throws {
        let bytes = try snapshot()
        var end = 100
        for _ in 0..<3 { end += frameByteCount(bytes, at: end) }
        #expect(throws: LTXError.terminator) { try LTXBytes(decoding: patched(at: end + 5, [1])) }
    }

    @Test func `An index of other pages is refused`() throws {
        let bytes = try snapshot()
        #expect(throws: LTXError.index) { try LTXBytes(decoding: patched(at: bytes.count - 25, [1])) }
    }

    @Test func `An index size that is not its own is refused`() throws {
        let bytes = try snapshot()
        #expect(throws: LTXError.indexSize(.max)) {
            try LTXBytes(decoding: patched(at: bytes.count - 24, [UInt8](repeating: 0xFF, count: 8)))
        }
    }

    @Test func `A checksum after the file is refused`() throws {
        let bytes = try snapshot()
        #expect(throws: LTXError.postApplyChecksum) { try LTXBytes(decoding: patched(at: bytes.count - 16, [0x80])) }
    }

    @Test func `A wrong file checksum is refused, and so is one without bit 63`() throws {
        let bytes = try snapshot()
        for offset in [bytes.count - 8, bytes.count - 1] {
            var damaged = bytes
            damaged[offset] ^= 0x80
            #expect {
                try LTXBytes(decoding: damaged)
            } throws: { error in
                if case .fileChecksum = error as? LTXError { true } else { false }
            }
        }
    }

    private func snapshot(pages: UInt32 = 3) throws -> [UInt8] { try LTXBytes.snapshot(pageCount: pages).encoded() }

    private func patched(at offset: Int, _ value: [UInt8], pages: UInt32 = 3, commit: UInt8 = 3) throws -> [UInt8] {
        var bytes = try snapshot(pages: pages)
        bytes.replaceSubrange(offset..<offset + value.count, with: value)
        if pages != UInt32(commit) { bytes[15] = commit }
        return bytes
    }

    private func frameByteCount(_ bytes: [UInt8], at offset: Int) -> Int {
        10 + Int(bytes[offset + 8]) << 8 + Int(bytes[offset + 9])
    }
}
