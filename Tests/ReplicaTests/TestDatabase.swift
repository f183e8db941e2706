import LTX
import ObjectStore
import Replica

/// A database that changes page by page, and the LTX files that tell of it. A page is told by its fill byte.
struct TestDatabase {
    typealias Image = [UInt8]
    static let epoch = Epoch(rawValue: 1_700_000_000)!

    struct File {
        let name: LTXFileName
        let bytes: [UInt8]
    }

    private let stamped: Bool
    private var pages: [UInt32: UInt8] = [:]
    private var commit: UInt32 = 0
    private var history: [(pages: [UInt32: UInt8], commit: UInt32)] = []

    init(stamped: Bool = false) { self.stamped = stamped }

    var checksum: Checksum { TestDatabase.checksum(pages) }
    var image: Image { commit == 0 ? [] : (1...commit).flatMap { TestDatabase.bytes(pages[$0]!) } }

    /// Changes these pages, and gives the file that says so.
    mutating func file(_ txid: UInt64, _ changed: [UInt32: UInt8], commit: UInt32) throws(LTXError) -> File {
        let before = pages.isEmpty ? nil : checksum
        pages = pages.filter { $0.key <= commit }.merging(changed) { $1 }
        self.commit = commit
        history.append((changed, commit))
        let stamp = stamped ? LTXStamp(epoch: TestDatabase.epoch, before: before, after: checksum) : nil
        return try TestDatabase.file(txid, txid, changed, commit: commit, stamp: stamp)
    }

    /// The files from `min` to `max` as one, as a compactor that drops stamps writes it.
    func compacted(_ min: UInt64, _ max: UInt64) throws(LTXError) -> File {
        var merged: [UInt32: UInt8] = [:]
        var commit: UInt32 = 0
        for change in history[Int(min) - 1..<Int(max)] {
            commit = change.commit
            merged = merged.filter { $0.key <= commit }.merging(change.pages) { $1 }
        }
        return try TestDatabase.file(min, max, merged, commit: commit)
    }

    /// Pages that change, and the size that the database then has; grown pages are always among them.
    func randomChange(using random: inout SplitMix) -> (pages: [UInt32: UInt8], commit: UInt32) {
        let size = UInt32.random(in: 1...12, using: &random)
        var changed: [UInt32: UInt8] = [:]
        for page in 1...size where page > commit || UInt8.random(in: 0..<4, using: &random) == 0 {
            changed[page] = UInt8.random(in: 0...255, using: &random)
        }
        return (changed, size)
    }

    static func bytes(_ fill: UInt8, _ pageSize: Int = 512) -> [UInt8] { [UInt8](repeating: fill, count: pageSize) }

    static func checksum(_ pages: [UInt32: UInt8]) -> Checksum {
        pages.reduce(Checksum.empty) { sum, page in
            let content = bytes(page.value)
            return sum.toggling(.page(PageNumber(rawValue: page.key)!, content.span))
        }
    }

    static func file(
        _ min: UInt64, _ max: UInt64, _ pages: [UInt32: UInt8], commit: UInt32, pageSize: Int = 512,
        stamp: LTXStamp? = nil
    ) throws(LTXError) -> File {
        let size = PageSize(pageSize)!
        let name = LTXFileName(minTXID: txid(min), maxTXID: txid(max))
        var encoder = LTXEncoder(pageSize: size, commit: commit)
        for (number, fill) in pages.sorted(by: { $0.key < $1.key }) {
            let content = bytes(fill, pageSize)
            try encoder.append(PageNumber(rawValue: number)!, content.span)
        }
        let ending = try encoder.finish(
            LTXHeader(pageSize: size, commit: commit, name: name, timestampMilliseconds: 5, stamp: stamp))
        return File(name: name, bytes: ending.header + ending.tail)
    }
}

extension TestLog {
    func add(_ level: Int, _ file: TestDatabase.File) async throws { try await add(level, file.name, file.bytes) }

    /// The database at `target`, or at the head.
    @discardableResult
    func image(_ target: TXID? = nil) async throws -> [UInt8] {
        var reader = try await replica.openState(target)
        var image = [UInt8](repeating: 0, count: Int(reader.header.commit) * reader.header.pageSize.byteCount)
        while let batch = try await reader.next() {
            for stretch in batch.stretches {
                let start = Int(stretch.first.offset(batch.pageSize))
                image.replaceSubrange(start..<start + stretch.bytes.count, with: batch.bytes[stretch.bytes])
            }
        }
        return image
    }

    func state() async throws -> DatabaseState {
        var reader = try await replica.openState()
        while try await reader.next() != nil {}
        return reader.state!
    }
}
