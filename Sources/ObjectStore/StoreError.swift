/// What a store can answer besides what was asked for.
package enum StoreError: Error, Hashable, Sendable {
    /// No such object. For a follower that asks for the next TXID this only says "not yet".
    case notFound(key: String)
    /// The condition of a `put` or `read` did not hold: someone else was there first.
    case preconditionFailed(key: String)
    /// Not a key that a store may be asked for; `reason` says which rule it breaks.
    case invalidKey(key: String, reason: String)
    /// The root itself is not there (a directory that was never made, a bucket that is gone).
    case rootMissing(store: String)
    /// The store says no: credentials or permissions. Trying again will not help.
    case denied(key: String, reason: String)
    /// The store is full. Trying again helps once somebody has made room.
    case full(key: String)
    /// A line or server failure; trying again may help.
    case unavailable(key: String, reason: String)
    /// The store answered something that makes no sense; `reason` says what.
    case malformed(key: String, reason: String)

    /// Whether the same request may succeed later without anybody doing anything.
    package var isTransient: Bool {
        switch self {
        case .full, .unavailable: true
        case .notFound, .preconditionFailed, .invalidKey, .rootMissing, .denied, .malformed: false
        }
    }
}

extension StoreError: CustomStringConvertible {
    /// One sentence that says what happened and what to do.
    package var description: String {
        switch self {
        case .notFound(let key): "\(key): no such object in the store"
        case .preconditionFailed(let key): "\(key): another writer was there first"
        case .invalidKey(let key, let reason): "'\(key)' cannot be the name of an object: \(reason)"
        case .rootMissing(let store): "\(store) does not exist; check the URL, or start `fantail replicate` there first"
        case .denied(let key, let reason): "\(key): the store refuses access (\(reason)); check permissions and credentials"
        case .full(let key): "\(key): no space left in the store; make room, it goes on by itself"
        case .unavailable(let key, let reason): "\(key): the store cannot be reached (\(reason))"
        case .malformed(let key, let reason): "\(key): the store gave an answer that makes no sense (\(reason))"
        }
    }
}
