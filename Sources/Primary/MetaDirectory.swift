import Files
import LTX

/// The hidden directory beside a database in which its primary keeps what it needs between runs:
/// `.<name>-fantail/`. Deleting it while fantail is stopped loses nothing but time: the next start ships a
/// full image.
struct MetaDirectory: Sendable {
    let path: String

    init(forDatabase database: String) {
        let name = database.split(separator: "/").last.map(String.init) ?? database
        path = "\(Directory.parent(of: database))/.\(name)-fantail"
    }

    var statePath: String { "\(path)/state.json" }
    var statusPath: String { "\(path)/status.json" }
    var checksumsPath: String { "\(path)/checksums" }
    var changedPath: String { "\(path)/changed" }
    var lockPath: String { "\(path)/lock" }
    func stagePath(_ number: Int) -> String { "\(path)/stage-\(number)" }
    func pendingPath(_ txid: TXID) -> String { "\(path)/\(LTXFileName(txid))" }

    /// Removes what killed runs left: temporary files, and LTX files that no state names. Only for the holder of
    /// the lock.
    func removeLeftovers() throws(FileError) {
        try TemporaryFile.removeLeftovers(in: path)
        guard let state = PrimaryState.load(statePath) else { return }
        let pending = TXID(rawValue: state.txid).map { LTXFileName($0) }
        for entry in try Directory.entries(path) {
            guard let name = LTXFileName(parsing: entry.name), name != pending else { continue }
            _ = try File.remove("\(path)/\(entry.name)")
        }
    }
}
