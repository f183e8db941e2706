import Files

/// A directory of the local file system, or of one mounted, as an object store: an object is a file.
///
/// Objects appear whole and durable: written under a hidden name, synced, then given their name in one
/// step, and the directory synced. `link` makes `ifAbsent` atomic among any number of processes, a lock
/// file does it for `ifMatch`. The lock orders only writers that go through this type.
package struct DirectoryStore: ObjectStore {
    /// The directory, without a slash at its end.
    package let root: String
    /// Every call is counted, as if it cost money.
    package let requests = RequestCounter()
    private let sweeper: TemporarySweeper
    /// The root as it was when it was first seen.
    private let home = DirectoryHome()

    /// The store in the directory `root`, which the first `put` makes. What a writer that died left half-written,
    /// `leftoverLifetime` ago or longer, is removed by later puts.
    package init(root: String, leftoverLifetime: Duration = .seconds(10)) {
        var root = root
        while root.count > 1, root.hasSuffix("/") { root.removeLast() }
        self.root = root
        sweeper = TemporarySweeper(lifetime: leftoverLifetime)
    }

    package var description: String { "file://\(root)" }

    /// Both, by hard links and locks.
    package var conditions: StoreConditions { [.ifAbsent, .ifMatch] }

    /// Names in the order of their bytes, which is what object stores answer.
    package func list(prefix: String, after: String?, limit: Int) async throws(StoreError) -> ObjectPage {
        precondition(limit > 0, "BUG: a page of nothing")
        requests.add { $0.lists += 1 }
        let page = try await blocking(prefix) { () throws(FileError) -> ObjectPage? in
            guard try File.exists(root) else { return nil }
            _ = try home.isSame(root)
            var walk = DirectoryWalk(root: root, prefix: prefix, after: after, limit: limit)
            try walk.run()
            return walk.page
        }
        guard let page else { throw .rootMissing(store: description) }
        return page
    }

    /// One open file a call: a file that is replaced meanwhile is still read whole.
    package func read(_ key: String, range: Range<Int64>, ifMatch: ETag?) async throws(StoreError) -> ObjectSlice {
        precondition(range.lowerBound >= 0 && range.count <= maxReadByteCount, "BUG: read out of bounds")
        try ObjectKey.check(key)
        requests.add { $0.gets += 1 }
        switch try await blocking(key, { () throws(FileError) in try find(key, range, ifMatch) }) {
        case .slice(let slice):
            return slice
        case .otherVersion:
            throw .preconditionFailed(key: key)
        case .absent:
            requests.add { $0.misses += 1 }
            throw .notFound(key: key)
        case .noRoot:
            throw .rootMissing(store: description)
        }
    }

    /// Written beside its place, synced, and moved there; then the directory is synced.
    package func put(
        _ key: String, _ body: ObjectBody, condition: PutCondition, modified: ObjectTime?
    ) async throws(StoreError) -> ETag {
        try ObjectKey.check(key)
        requests.add { $0.puts += 1 }
        guard try await blocking(key, { () throws(FileError) in try home.isSame(root) }) else {
            throw .unavailable(key: key, reason: "\(root) is gone or another directory than before; mount it again, or restart fantail to begin a log there")
        }
        let etag = try await blocking(key) { () throws(FileError) in
            let etag = try publish(path(key), body, condition, DirectoryStore.fileTime(modified, condition))
            // The first put makes the root.
            _ = try home.isSame(root)
            return etag
        }
        guard let etag else { throw .preconditionFailed(key: key) }
        return etag
    }

    /// One file after the other; what is gone already counts as deleted.
    package func delete(_ keys: [String]) async throws(StoreError) {
        for key in keys { try ObjectKey.check(key) }
        guard let first = keys.first else { return }
        requests.add { $0.deletes += Int64(keys.count) }
        try await blocking(first) { () throws(FileError) in try remove(keys.map(path)) }
    }

    /// What a read finds.
    private enum Finding { case slice(ObjectSlice), otherVersion, absent, noRoot }

    private func find(_ key: String, _ range: Range<Int64>, _ ifMatch: ETag?) throws(FileError) -> Finding {
        let file: File
        do {
            file = try File(path(key), .read)
        } catch where error.isNotFound {
            return try File.exists(root) ? .absent : .noRoot
        }
        // Status and bytes come from one open file: what is renamed over it meanwhile is another one.
        let status = try file.status()
        guard status.kind == .file else { return .absent }
        if let ifMatch, ifMatch != ETag(status) { return .otherVersion }
        let count = min(range.upperBound, status.size) - range.lowerBound
        let bytes = count > 0 ? try file.readExactly(Int(count), at: range.lowerBound) : []
        return .slice(
            ObjectSlice(bytes: bytes, totalSize: status.size, etag: ETag(status), modified: ObjectTime(status)))
    }

    /// Answers nil, and changes nothing, if `condition` does not hold.
    private func publish(
        _ path: String, _ body: ObjectBody, _ condition: PutCondition, _ time: Int64
    ) throws(FileError) -> ETag? {
        let directory = Directory.parent(of: path)
        try Directory.create(directory)
        try sweeper.sweep(directory)
        let temporary = try TemporaryFile(in: directory)
        try body.write(to: temporary.file)
        try temporary.file.setModified(time)
        let etag = ETag(try temporary.file.status())
        if condition == .ifAbsent {
            do { try temporary.publishIfAbsent(as: path) } catch where error.isExisting {
                // It may be our own, from a life that ended before the name was durable.
                try Directory.sync(directory)
                return nil
            }
            return etag
        }
        let lock = try lockedForReplacing()
        defer { extendLifetime(lock) }
        if case .ifMatch(let wanted) = condition {
            guard let status = try File.status(path), ETag(status) == wanted else { return nil }
        }
        try temporary.publish(as: path)
        return etag
    }

    private func remove(_ paths: [String]) throws(FileError) {
        guard try File.exists(root) else { return }
        let lock = try lockedForReplacing()
        defer { extendLifetime(lock) }
        var changed: Set<String> = []
        for path in paths where try File.remove(path) { changed.insert(Directory.parent(of: path)) }
        for directory in changed { try Directory.sync(directory) }
    }

    private func path(_ key: String) -> String { "\(root)/\(key)" }

    /// Held by whatever replaces or removes an object, so that `ifMatch` looks and acts in one step.
    /// Released as it goes away. `ifAbsent` does without: a name that is taken is no business of it.
    private func lockedForReplacing() throws(FileError) -> File {
        let file = try File("\(root)/\(ObjectKey.reservedPrefix)lock", .readWriteOrCreate)
        try file.lock()
        return file
    }

    /// When an object counts as stored, in nanoseconds since 1970.
    ///
    /// Set by hand, because it is a part of the ETag and the kernel's own stamps advance by milliseconds:
    /// two versions of one size, stored at once in one recycled inode, would look the same. For the same
    /// reason an object that can be replaced gets random digits below the millisecond that it is given.
    private static func fileTime(_ modified: ObjectTime?, _ condition: PutCondition) -> Int64 {
        guard let modified else { return WallClock.now }
        // The bounds of what nanoseconds can hold, some 292 years around 1970.
        let milliseconds = min(max(modified.rawValue, .min / 1_000_000), .max / 1_000_000 - 1)
        return milliseconds * 1_000_000 + (condition == .ifAbsent ? 0 : Int64.random(in: 0..<1_000_000))
    }

    /// Runs file calls where they may block, and answers in the store's words.
    private func blocking<T: Sendable>(
        _ key: String, _ work: @escaping @Sendable () throws(FileError) -> T
    ) async throws(StoreError) -> T {
        do { return try await Blocking.run(work) } catch { throw StoreError(error, key: key) }
    }
}

extension ETag {
    /// Inode, time and size: see `fileTime` for why no two versions of an object share all three.
    fileprivate init(_ status: FileStatus) {
        let parts = [Int64(truncatingIfNeeded: status.inode), status.modified, status.size]
        self.init(rawValue: parts.map { String(UInt64(bitPattern: $0), radix: 16) }.joined(separator: "-"))
    }
}
