/// The door to everything remote: a flat set of named objects under one root.
///
/// Each back end (a directory, S3, Azure Blob, SFTP) passes the same conformance suite. Keys are
/// relative, `/`-separated, without empty, `.` or `..` parts (`ObjectKey.check`).
package protocol ObjectStore: Sendable {
    /// How a person would name the store: its URL without secrets.
    var description: String { get }

    /// Which conditions on `put` the store really honours; found out, not assumed.
    var conditions: StoreConditions { get }

    /// How often the store was asked, by kind: what a month of it costs follows from this.
    var requests: RequestCounter { get }

    /// Up to `limit` objects whose key begins with `prefix` and sorts after `after`, in byte order.
    ///
    /// Shape: one page; ask again with the last key until `isComplete`.
    func list(prefix: String, after: String?, limit: Int) async throws(StoreError) -> ObjectPage

    /// The bytes of an object within `range` (offsets from its start; cut off at its end), and its whole size.
    ///
    /// Bounded: never more than `range.count` bytes, and callers ask for at most `maxReadByteCount`.
    /// `ifMatch` makes the read fail with `.preconditionFailed` if the object is no longer that version,
    /// so that the parts of one object never mix two.
    /// Errors: `.notFound`, `.preconditionFailed`, …
    func read(_ key: String, range: Range<Int64>, ifMatch: ETag?) async throws(StoreError) -> ObjectSlice

    /// Publishes an object whole or not at all: no reader ever sees a part of it, and on return it is durable.
    ///
    /// Errors: `.preconditionFailed` if `condition` does not hold (the object is then untouched).
    func put(_ key: String, _ body: ObjectBody, condition: PutCondition, modified: ObjectTime?)
        async throws(StoreError) -> ETag

    /// Deletes objects; those that do not exist count as deleted.
    func delete(_ keys: [String]) async throws(StoreError)
}

/// The most that one `read` may ask for: 8 MiB, so that a few reads in flight stay far below the 64 MB
/// that a follower may use, while each is long enough to fill a line.
package let maxReadByteCount: Int64 = 8 << 20

/// What `put` can be relied on for.
package struct StoreConditions: OptionSet, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }
    /// `PutCondition.ifAbsent` is atomic.
    package static let ifAbsent = StoreConditions(rawValue: 1)
    /// `PutCondition.ifMatch` is atomic.
    package static let ifMatch = StoreConditions(rawValue: 2)
}

/// When a `put` may take effect.
package enum PutCondition: Hashable, Sendable {
    case always
    case ifAbsent
    case ifMatch(ETag)
}

/// The version of an object, opaque; equal only for equal versions.
package struct ETag: RawRepresentable, Hashable, Sendable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// A moment as stores keep it: milliseconds since 1970, UTC.
package struct ObjectTime: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
    package static func < (a: ObjectTime, b: ObjectTime) -> Bool { a.rawValue < b.rawValue }
}

/// What is uploaded: bytes at hand, or a local file that is streamed.
package enum ObjectBody: Sendable {
    case bytes([UInt8])
    /// The file at `path`, whole; it must not change until `put` returns.
    case file(path: String)
}

/// One object as a listing shows it.
package struct ObjectEntry: Hashable, Sendable {
    /// The whole name, from the root of the store on.
    package let key: String
    /// In bytes.
    package let size: Int64
    /// When it was stored, by the store's clock (a directory: the file's mtime).
    package let modified: ObjectTime

    /// An entry of a listing.
    package init(key: String, size: Int64, modified: ObjectTime) {
        self.key = key
        self.size = size
        self.modified = modified
    }
}

/// One page of a listing.
package struct ObjectPage: Sendable {
    /// Sorted by key, in byte order.
    package let entries: [ObjectEntry]
    /// Whether nothing comes after the last entry.
    package let isComplete: Bool

    /// A page of a listing.
    package init(entries: [ObjectEntry], isComplete: Bool) {
        self.entries = entries
        self.isComplete = isComplete
    }
}

/// A part of an object.
package struct ObjectSlice: Sendable {
    /// The bytes of the range, or fewer at the end of the object.
    package let bytes: [UInt8]
    /// The size of the whole object, in bytes.
    package let totalSize: Int64
    /// Of the object as it was read.
    package let etag: ETag
    /// When the object was last changed.
    package let modified: ObjectTime

    /// A piece of an object.
    package init(bytes: [UInt8], totalSize: Int64, etag: ETag, modified: ObjectTime) {
        self.bytes = bytes
        self.totalSize = totalSize
        self.etag = etag
        self.modified = modified
    }
}
