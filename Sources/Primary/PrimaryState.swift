import Files
import FoundationEssentials
import LTX
import SQLite

/// What a primary remembers from one run to the next: the state of the database that the log ends with.
///
/// Shape: JSON in `state.json`, replaced atomically. A state that cannot be read counts as none, which costs
/// a full image but loses nothing.
struct PrimaryState: Codable, Equatable {
    /// Where in the WAL that state was: everything up to this frame is in the log.
    struct WALPlace: Codable, Equatable {
        var salt1: UInt32
        var salt2: UInt32
        var frame: UInt32
        var checksum1: UInt32
        var checksum2: UInt32

        init(_ header: WALIndexHeader) {
            (salt1, salt2) = (header.salts.salt1, header.salts.salt2)
            frame = header.lastFrame
            (checksum1, checksum2) = (header.frameChecksum.sum1, header.frameChecksum.sum2)
        }

        var salts: WALSalts { WALSalts(salt1, salt2) }
        var checksum: WALChecksum { WALChecksum(checksum1, checksum2) }
    }

    /// The log this is about: a state says nothing about another one.
    var url: String
    var epoch: UInt64
    /// The last TXID that was written to a local LTX file, shipped or about to be.
    var txid: UInt64
    /// The checksum of the database at that TXID.
    var checksum: UInt64
    /// In bytes.
    var pageSize: Int
    var pageCount: UInt32
    /// Nil where it is unknown, as right after a restore: then the next start scans.
    var wal: WALPlace?
    /// The database's file. Another one at the same path begins a new epoch.
    var inode: UInt64?

    var position: Position? {
        TXID(rawValue: txid).map { Position(txid: $0, checksum: Checksum(rawValue: checksum)) }
    }

    /// The state that was saved, or nil if there is none that can be read.
    static func load(_ path: String) -> PrimaryState? {
        guard let bytes = try? File.contents(path, limit: 65536) else { return nil }
        return try? JSONDecoder().decode(PrimaryState.self, from: Data(bytes))
    }

    func save(_ path: String) throws(FileError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        guard let data = try? encoder.encode(self) else { preconditionFailure("BUG: a state that is no JSON") }
        try File.replace(path, with: Array(data), permissions: 0o600)
    }
}
