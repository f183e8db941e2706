package import LTX
import ObjectStore

/// What a file's first and last bytes tell, without its pages.
package struct LogFileSummary: Hashable, Sendable {
    /// Checked, and in agreement with the file's name.
    package let header: LTXHeader
    /// How many pages the file has, by its index.
    package let pageCount: Int
    /// The size of the file, in bytes.
    package let byteCount: Int64
}

extension Replica {
    /// Reads a file's header and page index: one request if it is short, else two, and one more for each MiB of
    /// the index. Memory: 1 MiB and what the ends take.
    ///
    /// Errors: `.vanished`, `.changed`, `.misnamed`, `.store`; `.damaged` if the index does not fit the file.
    /// Whether the pages are sound only a `LogReader` tells.
    package func summarize(_ file: LogFile) async throws(ReplicaError) -> LogFileSummary {
        let key = layout.key(file.level, file.name)
        let ends = try await FileEnds.read(store, key)
        let header = try parsing(key) { () throws(LTXError) in try LTXHeader(parsing: ends.head.bytes.span) }
        guard header.name == file.name else { throw .misnamed(key: key, holds: header.name) }
        let place = try parsing(key) { () throws(LTXError) in
            let trailer = Array(ends.tail.bytes.suffix(Int(LTXIndexPlace.trailerByteCount)))
            return try LTXIndexPlace(trailer: trailer.span, fileByteCount: ends.byteCount)
        }
        var counter = LTXPageCounter(place)
        var offset = place.range.lowerBound
        while offset < place.range.upperBound {
            let piece = try await ends.piece(offset..<place.range.upperBound)
            try parsing(key) { () throws(LTXError) in try counter.feed(piece.span) }
            offset += Int64(piece.count)
        }
        let pageCount = try parsing(key) { () throws(LTXError) in try counter.finish() }
        return LogFileSummary(header: header, pageCount: pageCount, byteCount: ends.byteCount)
    }
}

private func parsing<T>(_ key: String, _ parse: () throws(LTXError) -> T) throws(ReplicaError) -> T {
    do { return try parse() } catch { throw .damaged(key: key, error) }
}

/// The beginning and the end of one version of an object.
private struct FileEnds: Sendable {
    /// 64 KiB: holds most files of a log whole, and the index of a snapshot of 5,000 pages.
    private static let endByteCount: Int64 = 64 << 10
    /// What is read at once of an index that is longer.
    private static let pieceByteCount: Int64 = 1 << 20

    let store: any ObjectStore
    let key: String
    let head: ObjectSlice
    let tail: ObjectSlice

    var byteCount: Int64 { head.totalSize }

    static func read(_ store: any ObjectStore, _ key: String) async throws(ReplicaError) -> FileEnds {
        do throws(StoreError) {
            let head = try await store.read(key, range: 0..<endByteCount, ifMatch: nil)
            guard head.totalSize > endByteCount else { return FileEnds(store: store, key: key, head: head, tail: head) }
            let start = max(endByteCount, head.totalSize - endByteCount)
            let tail = try await store.read(key, range: start..<head.totalSize, ifMatch: head.etag)
            return FileEnds(store: store, key: key, head: head, tail: tail)
        } catch {
            throw ReplicaError(error, reading: key)
        }
    }

    /// The first bytes of a range, at least one: from what is at hand, or asked for.
    func piece(_ range: Range<Int64>) async throws(ReplicaError) -> [UInt8] {
        let tailStart = byteCount - Int64(tail.bytes.count)
        if range.lowerBound >= tailStart {
            let bytes = tail.bytes.dropFirst(Int(range.lowerBound - tailStart)).prefix(range.count)
            guard !bytes.isEmpty else { throw .store(.malformed(key: key, reason: "fewer bytes than it says")) }
            return Array(bytes)
        }
        let end = min(range.upperBound, range.lowerBound + Self.pieceByteCount)
        do throws(StoreError) {
            let slice = try await store.read(key, range: range.lowerBound..<end, ifMatch: head.etag)
            guard !slice.bytes.isEmpty else { throw .malformed(key: key, reason: "fewer bytes than it says") }
            return slice.bytes
        } catch {
            throw ReplicaError(error, reading: key)
        }
    }
}
