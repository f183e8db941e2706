package import LTX
import ObjectStore

/// Reads one file of the log, page by page, while the next piece of it is on its way.
///
/// All pieces come from one version of the object. A page is vouched for only once `next` has answered nil:
/// the checksum stands at the file's end. Memory: three pieces of `rangeByteCount`.
package struct LogReader: ~Copyable, Sendable {
    /// 4 MiB: long enough to fill a line and to need few requests, short enough for a few readers in 64 MB.
    package static let rangeByteCount: Int64 = 4 << 20

    /// Already checked, and in agreement with the file's name.
    package let header: LTXHeader
    /// The size of the file, in bytes.
    package let byteCount: Int64

    private let object: LogObject
    private var decoder = LTXDecoder()
    /// Where the next piece to ask for begins.
    private var offset: Int64
    /// The next piece. A task of its own, as it outlives the call that begins it; it ends with the reader.
    private var ahead: Task<Result<ObjectSlice, StoreError>, Never>?

    /// Opens a file with its first piece: one request, and the only one if the file is short.
    ///
    /// Errors: `.vanished` if it is not there, `.damaged`, `.misnamed`, `.store`.
    package static func open(
        _ replica: Replica, _ level: Level, _ name: LTXFileName
    ) async throws(ReplicaError) -> LogReader {
        let key = replica.layout.key(level, name)
        let first: ObjectSlice
        do {
            first = try await replica.store.read(key, range: 0..<rangeByteCount, ifMatch: nil)
        } catch {
            throw ReplicaError(error, reading: key)
        }
        let header: LTXHeader
        do {
            header = try LTXHeader(parsing: first.bytes.span)
        } catch {
            throw .damaged(key: key, error)
        }
        guard header.name == name else { throw .misnamed(key: key, holds: header.name) }
        let object = LogObject(store: replica.store, key: key, etag: first.etag, byteCount: first.totalSize)
        return LogReader(header, object, first.bytes)
    }

    private init(_ header: LTXHeader, _ object: LogObject, _ firstPiece: [UInt8]) {
        self.header = header
        self.object = object
        byteCount = object.byteCount
        offset = Int64(firstPiece.count)
        decoder.feed(firstPiece.span)
        fetchAhead()
    }

    /// How many bytes of the file came so far.
    package var readByteCount: Int64 { offset }

    deinit { ahead?.cancel() }

    /// The next page, whose bytes go into `page`, or nil at the end of a file that is what it has to be.
    ///
    /// Errors: `.damaged`, `.changed`, `.vanished`, `.store`; the reader is of no use afterwards.
    package mutating func next(into page: inout [UInt8]) async throws(ReplicaError) -> PageNumber? {
        while true {
            do throws(LTXError) {
                switch try decoder.next(into: &page) {
                case .page(let number):
                    return number
                case .end:
                    try decoder.finish()
                    guard ahead == nil else { throw LTXError.trailingBytes }
                    return nil
                case .needsBytes:
                    if ahead == nil { throw LTXError.truncated }
                }
            } catch {
                throw .damaged(key: object.key, error)
            }
            try await feed()
        }
    }

    /// Waits for the piece that is on its way, and sends for the one after it.
    private mutating func feed() async throws(ReplicaError) {
        guard let piece = await ahead?.value else { return }
        switch piece {
        case .success(let slice):
            offset += Int64(slice.bytes.count)
            fetchAhead()
            decoder.feed(slice.bytes.span)
        case .failure(let error):
            throw ReplicaError(error, reading: object.key)
        }
    }

    private mutating func fetchAhead() {
        guard offset < byteCount else {
            ahead = nil
            return
        }
        ahead = Task { [object, offset] in await object.piece(at: offset) }
    }
}

/// One version of an object that is read in pieces.
private struct LogObject: Sendable {
    let store: any ObjectStore
    let key: String
    let etag: ETag
    let byteCount: Int64

    func piece(at offset: Int64) async -> Result<ObjectSlice, StoreError> {
        let range = offset..<min(offset + LogReader.rangeByteCount, byteCount)
        do throws(StoreError) {
            let slice = try await store.read(key, range: range, ifMatch: etag)
            guard slice.bytes.count == range.count else {
                throw .malformed(key: key, reason: "\(slice.bytes.count) bytes where \(range.count) are")
            }
            return .success(slice)
        } catch {
            return .failure(error)
        }
    }
}

extension Replica {
    /// Opens the level-0 file of one TXID by its name, which tells with one request whether it is there.
    /// Nil if not: not written yet, or compacted away (`catalogue` tells which).
    ///
    /// Errors: as `LogReader.open`, but for `.vanished`.
    package func open(_ txid: TXID) async throws(ReplicaError) -> LogReader? {
        do {
            return try await LogReader.open(self, .captured, LTXFileName(txid))
        } catch .vanished {
            return nil
        }
    }

    /// Opens a file that a listing showed.
    ///
    /// Errors: as `LogReader.open`.
    package func open(_ file: LogFile) async throws(ReplicaError) -> LogReader {
        try await LogReader.open(self, file.level, file.name)
    }
}

extension ReplicaError {
    /// What a store's answer to a read means for the log.
    init(_ error: StoreError, reading key: String) {
        switch error {
        case .notFound: self = .vanished(key: key)
        case .preconditionFailed: self = .changed(key: key)
        default: self = .store(error)
        }
    }
}
