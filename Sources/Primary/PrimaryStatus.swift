import Files
import FoundationEssentials
import LTX

/// What a primary says about itself to whoever asks from another process, in `status.json`.
package struct PrimaryStatus: Codable, Sendable {
    /// Always `primary`.
    package var role = "primary"
    /// The path of the database.
    package var database: String
    /// The log.
    package var url: String
    /// `live`; or `waiting` for a database, or `stalled`, with a reason.
    package var state: String
    /// Why it waits or is stalled.
    package var reason: String?
    /// When the state began, in milliseconds since 1970.
    package var since: Int64
    /// The last TXID in the store, 16 hex digits; nil before the first.
    package var txid: String?
    /// When that came to the store, in milliseconds since 1970.
    package var shipped: Int64?
    /// The process that wrote this.
    package var pid: Int32
    /// Milliseconds since 1970.
    package var updated: Int64

    /// The status that the primary of the database at `path` last wrote, or nil if there is none.
    package static func load(database path: String) -> PrimaryStatus? {
        guard let bytes = try? File.contents(MetaDirectory(forDatabase: path).statusPath, limit: 65536) else { return nil }
        return try? JSONDecoder().decode(PrimaryStatus.self, from: Data(bytes))
    }

    /// Whether a primary is at work on the database at `path`, in any process.
    package static func isRunning(database path: String) -> Bool {
        LockFile.isHeld(MetaDirectory(forDatabase: path).lockPath)
    }

    /// A report that cannot be written must not stop what it reports on.
    static func update(_ path: String, database: String, url: String, state: String, reason: String?, txid: TXID?) {
        let known = (try? File.contents(path, limit: 65536)).flatMap {
            try? JSONDecoder().decode(PrimaryStatus.self, from: Data($0))
        }
        let (now, pid) = (WallClock.now / 1_000_000, ProcessInfo.processInfo.processIdentifier)
        let isSame = known?.state == state && known?.pid == pid
        let status = PrimaryStatus(
            database: database, url: url, state: state, reason: reason, since: isSame ? known?.since ?? now : now,
            txid: txid?.description ?? known?.txid, shipped: txid == nil ? known?.shipped : now, pid: pid, updated: now)
        guard let data = try? JSONEncoder().encode(status) else { return }
        do { try File.replace(path, with: Array(data)) } catch {
            // A full disk has no room for a second file, and is just what there is to report: the first one is
            // written over. Whoever reads it in that moment finds no JSON, once.
            try? overwrite(path, Array(data))
        }
    }

    private static func overwrite(_ path: String, _ bytes: [UInt8]) throws(FileError) {
        let file = try File(path, .readWrite)
        try file.write(bytes, at: 0)
        try file.truncate(to: Int64(bytes.count))
    }
}
