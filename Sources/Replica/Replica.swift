import Files
package import LTX
package import ObjectStore

/// A database's log on a store: which files there are, and putting one there.
package struct Replica: Sendable {
    /// Where the files are.
    package let store: any ObjectStore
    /// How they are named there.
    package let layout: LogLayout

    /// The log on `store`, whose keys are laid out as `layout` says.
    package init(store: any ObjectStore, layout: LogLayout = .directory) {
        self.store = store
        self.layout = layout
    }

    // MARK: - Looking

    /// The files of one level, by name.
    ///
    /// Errors: `.store`. A store without the level has no files in it.
    package func list(_ level: Level) async throws(ReplicaError) -> [LogFile] {
        try await list(prefix: layout.prefix(level))
    }

    /// All levels, in one sweep from level 0 up: what is compacted meanwhile is still met on a higher level,
    /// so that no gap shows where there is none.
    package func catalogue() async throws(ReplicaError) -> Catalogue {
        Catalogue(try await list(prefix: layout.prefix))
    }

    /// The highest TXID in any level; nil for an empty log.
    package func head() async throws(ReplicaError) -> TXID? { try await catalogue().head }

    private func list(prefix: String) async throws(ReplicaError) -> [LogFile] {
        var files: [LogFile] = []
        var last: String?
        while true {
            let page: ObjectPage
            do {
                page = try await store.list(prefix: prefix, after: last, limit: Replica.listLimit)
            } catch {
                throw .store(error)
            }
            for entry in page.entries {
                guard let (level, name) = layout.parse(entry.key) else { continue }
                files.append(LogFile(level: level, name: name, size: entry.size, modified: entry.modified))
            }
            if page.isComplete { return files }
            // A store that gives the same page again would keep us here for ever.
            guard let end = page.entries.last?.key, last.map({ $0 != end }) ?? true else {
                throw .store(.malformed(key: prefix, reason: "the listing does not go on"))
            }
            last = end
        }
    }

    /// What S3 gives in one page.
    private static let listLimit = 1000

    // MARK: - Putting

    /// Puts an LTX file into the log, where its name must be free; on return it is durable.
    ///
    /// A file of the same bytes that is there already is our own, whose answer got lost: success.
    /// Where the store cannot refuse a taken name (`ObjectStore.conditions`), the file is simply put.
    /// Errors: `.fenced` if another primary took the TXID, `.store`, `.local`.
    package func publish(
        _ level: Level, _ name: LTXFileName, _ body: ObjectBody, timestampMilliseconds: Int64
    ) async throws(ReplicaError) {
        let key = layout.key(level, name)
        let condition: PutCondition = store.conditions.contains(.ifAbsent) ? .ifAbsent : .always
        do {
            _ = try await store.put(
                key, body, condition: condition, modified: ObjectTime(rawValue: timestampMilliseconds))
        } catch .preconditionFailed {
            guard try await holds(key, body) else { throw .fenced(name.maxTXID) }
        } catch {
            throw .store(error)
        }
    }

    /// Whether the object has exactly these bytes.
    private func holds(_ key: String, _ body: ObjectBody) async throws(ReplicaError) -> Bool {
        var offset: Int64 = 0
        var etag: ETag?
        while true {
            let slice: ObjectSlice
            do {
                slice = try await store.read(key, range: offset..<offset + LogReader.rangeByteCount, ifMatch: etag)
            } catch .preconditionFailed, .notFound {
                // Only others replace or delete a file that we just tried to write.
                return false
            } catch {
                throw .store(error)
            }
            let ours: [UInt8]
            do {
                ours = try await body.bytes(from: offset, upTo: Int(LogReader.rangeByteCount))
            } catch {
                throw .local(error)
            }
            guard ours == slice.bytes else { return false }
            offset += Int64(ours.count)
            // Equal pieces end together: the shorter of two files would have given a shorter piece.
            if ours.count < Int(LogReader.rangeByteCount) { return true }
            etag = slice.etag
        }
    }
}

extension ObjectBody {
    /// At most `count` bytes from `offset` on: fewer only where the body ends.
    fileprivate func bytes(from offset: Int64, upTo count: Int) async throws(FileError) -> [UInt8] {
        switch self {
        case .bytes(let bytes):
            [UInt8](bytes.dropFirst(Int(offset)).prefix(count))
        case .file(let path):
            try await Blocking.run { () throws(FileError) in try File(path, .read).read(upTo: count, at: offset) }
        }
    }
}
