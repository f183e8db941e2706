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
}
