import Files
import FoundationEssentials
import LTX
import Replica
import SQLite

/// Which state of the log a copy is in, and how its WAL looks then: what a follower goes on from.
///
/// Written before a transaction becomes visible, with both the state before it and the one after, so that
/// after a kill at any point the WAL itself tells which of the two it is.
/// Shape: JSON in `.<name>-fantail/record.json`, replaced atomically.
struct CopyRecord: Codable, Equatable {
    /// A state, and the end of the WAL that shows it.
    struct Entry: Codable, Equatable {
        var txid: UInt64
        /// The checksum of the whole database; nil where the log does not say (files of other programs).
        var checksum: UInt64?
        /// 0 where the log does not say.
        var epoch: UInt64
        var pageCount: UInt32
        var salt1: UInt32
        var salt2: UInt32
        var frame: UInt32
        var sum1: UInt32
        var sum2: UInt32
        /// When the last file of it was captured, since 1970; nil where that was not kept. Tells a log that was
        /// begun anew from the one before.
        var milliseconds: Int64? = nil

        /// No state of any log.
        static let unknown = Entry(
            txid: 0, checksum: nil, epoch: 0, pageCount: 0, salt1: 0, salt2: 0, frame: 0, sum1: 0, sum2: 0)

        /// Whether a WAL with this header shows this state.
        func matches(_ header: WALIndexHeader) -> Bool {
            // No WAL has no salts, and is what a foreign writer who closed the copy leaves too: then only the
            // content can tell.
            guard frame == header.lastFrame, header.salts != .none else { return false }
            return header.salts == WALSalts(salt1, salt2) && header.frameChecksum == WALChecksum(sum1, sum2)
        }

        /// The same state, with the WAL as `header` says.
        func at(_ header: WALIndexHeader) -> Entry {
            var entry = self
            (entry.salt1, entry.salt2) = (header.salts.salt1, header.salts.salt2)
            entry.frame = header.lastFrame
            (entry.sum1, entry.sum2) = (header.frameChecksum.sum1, header.frameChecksum.sum2)
            return entry
        }
    }

    /// The log this is a copy from.
    var url: String
    var pageSize: Int
    var before: Entry
    var after: Entry?

    /// The entry that the WAL shows, or nil if it shows neither: somebody else wrote to the copy.
    func entry(for header: WALIndexHeader) -> Entry? {
        if let after, after.matches(header) { return after }
        return before.matches(header) ? before : nil
    }

    /// The record at `path`, or nil if there is none that can be read.
    static func load(_ path: String) -> CopyRecord? {
        guard let bytes = try? File.contents(path, limit: 65536) else { return nil }
        return try? JSONDecoder().decode(CopyRecord.self, from: Data(bytes))
    }

    func save(_ path: String) throws(FileError) {
        guard let data = try? JSONEncoder().encode(self) else { preconditionFailure("BUG: a record that is no JSON") }
        try File.replace(path, with: Array(data), permissions: 0o600)
    }
}

extension CopyRecord.Entry {
    /// The state that a restore made, before any WAL shows it.
    init(_ state: DatabaseState) {
        self = .unknown
        txid = state.position.txid.rawValue
        checksum = state.position.checksum.rawValue
        epoch = state.epoch?.rawValue ?? 0
        pageCount = state.commit
        milliseconds = state.timestampMilliseconds
    }
}
