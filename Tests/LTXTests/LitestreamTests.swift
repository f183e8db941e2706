import Foundation
import LTX
import Testing

/// What Fantail writes, read by the released Litestream; runs where FANTAIL_TEST_LITESTREAM names its binary.
@Suite(.enabled(if: litestream != nil, "FANTAIL_TEST_LITESTREAM names no Litestream"))
struct LitestreamTests {
    @Test func `Litestream restores stamped files, byte for byte`() throws {
        let log = FileManager.default.temporaryDirectory.appendingPathComponent("fantail-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: log) }
        let level0 = log.appendingPathComponent("ltx/0")
        try FileManager.default.createDirectory(at: level0, withIntermediateDirectories: true)

        // Real databases, as restoring checks nothing but is told apart by its bytes.
        var expected: [UInt8] = []
        var before: Checksum?
        for (txid, kind) in [(1, "snapshot"), (2, "next")] as [(UInt64, String)] {
            var file = try LTXBytes(decoding: golden("4096-\(kind).ltx"))
            let after = databaseChecksum(file.applied(to: expected), file.header.pageSize)
            let stamp = LTXStamp(epoch: Epoch(rawValue: 1_700_000_000)!, before: before, after: after)
            let old = file.header
            file.header = LTXHeader(
                pageSize: old.pageSize, commit: old.commit, name: old.name,
                timestampMilliseconds: old.timestampMilliseconds, wal: old.wal, stamp: stamp)
            expected = file.applied(to: expected)
            before = after
            let name = LTXFileName(TXID(rawValue: txid)!).description
            try Data(file.encoded()).write(to: level0.appendingPathComponent(name))
        }

        let restored = log.appendingPathComponent("restored.db")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: litestream!)
        process.arguments = ["restore", "-o", restored.path, "file://\(log.path)"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(try [UInt8](Data(contentsOf: restored)) == expected)
    }

    private func databaseChecksum(_ image: [UInt8], _ pageSize: PageSize) -> Checksum {
        var checksum = Checksum.empty
        for number in 1...UInt32(image.count / pageSize.byteCount) {
            let start = Int(PageNumber(rawValue: number)!.offset(pageSize))
            let page = [UInt8](image[start..<start + pageSize.byteCount])
            checksum = checksum.toggling(.page(PageNumber(rawValue: number)!, page.span))
        }
        return checksum
    }
}

private let litestream = ProcessInfo.processInfo.environment["FANTAIL_TEST_LITESTREAM"]
