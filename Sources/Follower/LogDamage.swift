import LTX
import Replica

/// Files of a log that turned out to be damaged: others may hold the same TXIDs, and do as well.
struct LogDamage: Sendable {
    private(set) var keys: Set<String> = []
    /// The first that was met, which says best what is wrong.
    private(set) var error: ReplicaError?
    /// The TXID that whoever met it was on the way to.
    var goal: TXID?

    /// Takes in what went wrong; false if it is no damage of a file that was not known yet.
    mutating func note(_ error: any Error) -> Bool {
        guard let error = error as? ReplicaError ?? (error as? FollowerError)?.logError, let key = error.damagedKey,
            keys.insert(key).inserted
        else { return false }
        self.error = self.error ?? error
        return true
    }
}
