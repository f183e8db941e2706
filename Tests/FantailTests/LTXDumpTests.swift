import Foundation
import LTX
import Testing
@testable import fantail

/// `fantail ltx dump` on files that are sound, and on files that someone or something damaged.
@Suite struct LTXDumpTests {
    private static let names = ["snapshot", "next", "compacted"].flatMap { kind in
        [512, 4096, 65536].map { "\($0)-\(kind).ltx" }
    }

    @Test(arguments: names)
    func `a file that Litestream wrote is sound`(name: String) throws {
        let dump = try dump(golden(name))
        #expect(dump.problems.isEmpty, "\(dump.text)")
        #expect(dump.text.contains("agrees with the pages") && dump.text.hasSuffix("sound"))
    }

    @Test func `every truncation shows what could be read and names the end`() throws {
        let bytes = try golden("512-snapshot.ltx")
        for byteCount in 0..<bytes.count {
            let dump = try dump([UInt8](bytes[..<byteCount]))
            #expect(dump.inspection.findings.last?.error == .truncated, "cut at \(byteCount)")
            #expect(dump.inspection.findings.last?.offset == Int64(byteCount))
            #expect((dump.inspection.header != nil) == (byteCount >= 100))
            #expect(!dump.text.isEmpty)
            #expect(try !dump.json().isEmpty)
        }
    }

    @Test(arguments: ["512-snapshot.ltx", "512-next.ltx", "512-compacted.ltx"])
    func `of every flipped bit it finds what a decoder refuses and nothing else`(name: String) throws {
        let bytes = try golden(name)
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            let dump = try dump(damaged)
            #expect(dump.problems.isEmpty == isAccepted(damaged), "bit \(bit): \(dump.text)")
            #expect(dump.problems.allSatisfy { $0.offset >= 0 && $0.offset <= damaged.count })
            #expect(try !dump.json().isEmpty)
        }
    }

    @Test(arguments: [UInt64.random(in: 1...1_000_000)])
    func `random damage of several bytes ends in a verdict that is a decoder's`(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SplitMix(state: seed)
        let bytes = try golden("512-snapshot.ltx")
        for _ in 0..<5000 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let offset = Int.random(in: 0..<damaged.count, using: &random)
                damaged[offset] = [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &random)].randomElement(using: &random) ?? 0
            }
            if Bool.random(using: &random) { damaged.removeLast(Int.random(in: 0...40, using: &random)) }
            if Bool.random(using: &random) { damaged += [UInt8](repeating: 0, count: Int.random(in: 0...40, using: &random)) }
            #expect(try dump(damaged).problems.isEmpty == isAccepted(damaged))
        }
    }

    @Test func `a file with many problems lists some and counts the rest`() throws {
        var bytes = try golden("512-snapshot.ltx")
        bytes.removeLast(bytes.count - 100)
        // Frames of one number after the other's own: all but the first out of order, none a page.
        for _ in 0..<300 { bytes += [0, 0, 0, 1, 0, 1, 0, 0, 0, 0] }
        let dump = try dump(bytes)
        #expect(dump.problems.count == 100 && dump.text.contains("  and 500 more"), "\(dump.text.suffix(200))")
        #expect(dump.text.contains("and 280 more; --pages lists all"))
    }

    @Test func `a wrong index says which entry is wrong`() throws {
        var bytes = try golden("512-snapshot.ltx")
        bytes[bytes.count - 24 - 37] = 2
        let dump = try dump(bytes)
        #expect(dump.text.contains("entry 1 says page 2 at 100"), "\(dump.text)")
        #expect(dump.text.contains("DISAGREES"))
        #expect(dump.inspection.trailer != nil)
    }

    @Test func `a name that is another file's is a problem`() throws {
        let name = LTXFileName(minTXID: .first, maxTXID: .first.next)
        let dump = LTXDump(path: "x", name: name, try inspect(golden("512-snapshot.ltx")))
        #expect(dump.problems.map(\.offset) == [16])
    }

    @Test func `any time in a header can be shown`() throws {
        for time in [[UInt8](repeating: 0xFF, count: 8), [0x7F] + [UInt8](repeating: 0xFF, count: 7)] {
            var bytes = try golden("512-next.ltx")
            bytes.replaceSubrange(32..<40, with: time)
            #expect(try dump(bytes).text.contains("ms since 1970"))
        }
    }

    private func dump(_ bytes: [UInt8]) throws -> LTXDump { LTXDump(path: "x", name: nil, try inspect(bytes)) }

    /// In pieces that are shorter than most frames.
    private func inspect(_ bytes: [UInt8]) throws -> LTXInspection {
        var offset = 0
        return try LTXInspector(pageLimit: 20) { byteCount in
            let piece = [UInt8](bytes[offset..<min(offset + min(byteCount, 37), bytes.count)])
            offset += piece.count
            return piece
        }.run()
    }

    private func isAccepted(_ bytes: [UInt8]) -> Bool {
        var decoder = LTXDecoder()
        var page: [UInt8] = []
        decoder.feed(bytes.span)
        do {
            while true {
                switch try decoder.next(into: &page) {
                case .page: continue
                case .needsBytes, .end:
                    try decoder.finish()
                    return true
                }
            }
        } catch {
            return false
        }
    }

    private func golden(_ name: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return [UInt8](try Data(contentsOf: folder.appending(path: "LTXTests/Golden/\(name)")))
    }
}

/// Random numbers that a seed repeats.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
