import Files
import FoundationEssentials
import LTX
import Synchronization

/// What a follower says about itself to whoever asks from another process, in `status.json`. Which TXID the copy
/// is at is in its record: see `CopyPosition`.
package struct FollowerStatus: Codable, Sendable {
    /// How a follower is doing.
    package enum State: String, Codable, Sendable {
        /// There is no copy yet.
        case cold
        /// The copy is behind the head that was seen.
        case catchingUp = "catching up"
        /// Everything in the log is in the copy, as of `contact`.
        case live
        /// It cannot go on, and tries again.
        case stalled
        /// The copy was not what the log says, and is being made right.
        case diverged
    }

    /// How the follower is doing.
    package var state: State
    /// Why, where the state alone does not say.
    package var reason: String?
    /// When the state began, in milliseconds since 1970.
    package var since: Int64
    /// When the log last answered, in milliseconds since 1970; nil if it has not yet.
    package var contact: Int64?
    /// The process that wrote this.
    package var pid: Int32

    /// The status that the follower of the copy at `path` last wrote, or nil if there is none.
    package static func load(_ path: String) -> FollowerStatus? {
        guard let bytes = try? File.contents(CopyDirectory(forCopy: path).statusPath, limit: 65536) else { return nil }
        return try? JSONDecoder().decode(FollowerStatus.self, from: Data(bytes))
    }

    /// Whether a follower is at work on the copy at `path`, in any process.
    package static func isFollowed(_ path: String) -> Bool { CopyDirectory(forCopy: path).isFollowed }

    /// How often a follower that has nothing to do says that it is still there, in milliseconds.
    package static let heartbeat: Int64 = 5000
}

/// Writes the status when it changes, and now and then when it does not.
final class StatusWriter: Sendable {
    private struct Written {
        var status: FollowerStatus?
        var at: Int64 = 0
    }

    private let path: String
    private let written = Mutex(Written())

    init(path: String) { self.path = path }

    func cold() { write(.cold, nil, isContact: false) }
    func catchingUp(_ reason: String? = nil) { write(.catchingUp, reason, isContact: false) }
    func live() { write(.live, nil, isContact: true) }
    func stalled(_ error: FollowerError) { write(.stalled, "\(error)", isContact: false) }
    func diverged(_ error: FollowerError) { write(.diverged, "\(error)", isContact: false) }

    /// Replaces the file or, where the disk is full, writes over it: a full disk is one of the things to tell.
    private func save(_ bytes: [UInt8]) -> Bool {
        // Blanks make up for the size, so that there is always room to write over; JSON ignores them.
        let padding = [UInt8](repeating: UInt8(ascii: " "), count: max(Self.byteCount - bytes.count, 0))
        do throws(FileError) {
            try File.replace(path, with: bytes + padding)
            return true
        } catch {
            guard error.isFull, bytes.count <= Self.byteCount, let file = try? File(path, .readWrite) else { return false }
            return (try? file.write(bytes + padding, at: 0)) != nil
        }
    }

    /// One block of most file systems: it is never torn between two of them.
    private static let byteCount = 4096

    private func write(_ state: FollowerStatus.State, _ reason: String?, isContact: Bool) {
        let now = WallClock.now / 1_000_000
        written.withLock { written in
            let known = written.status
            let isSame = known?.state == state && known?.reason == reason
            guard !isSame || now - written.at >= FollowerStatus.heartbeat else { return }
            let status = FollowerStatus(
                state: state, reason: reason, since: isSame ? known?.since ?? now : now,
                contact: isContact ? now : known?.contact, pid: ProcessInfo.processInfo.processIdentifier)
            // A report that cannot be written must not stop what it reports on; it is tried again with the next.
            guard let data = try? JSONEncoder().encode(status), save(Array(data)) else { return }
            written = Written(status: status, at: now)
        }
    }
}
