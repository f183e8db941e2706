import Follower
import LTX
import Primary

/// Where a copy or a primary stands, as `fantail status` tells it; its properties are the keys of the JSON.
struct StatusReport: Encodable {
    /// What the log says.
    struct Log {
        var head: TXID?
        /// When the first commit was made that the copy lacks, in milliseconds since 1970.
        var nextCommit: Int64?
        /// Why the log cannot be read.
        var failure: String?
    }

    let path: String
    /// `copy` or `primary`.
    let role: String
    let url: String?
    /// Whether a fantail is at work on it.
    let running: Bool
    /// The last TXID that is in the copy, or that the primary shipped; 16 hex digits.
    let position: String?
    /// The last TXID of the log.
    let head: String?
    /// `cold`, `catching up`, `live`, `stale`, `diverged` or `stalled`; of a primary `waiting`, `live`, `stalled` or
    /// `stopped`.
    let state: String
    let reason: String?
    /// How long it has been in that state, in seconds; nil where that is unknown.
    let stateSeconds: Double?
    /// How many TXIDs the copy is behind the log; nil where that is unknown.
    let behind: UInt64?
    /// The age of the oldest commit that the copy lacks, in seconds; 0 if it lacks none, nil where that is unknown.
    let lagSeconds: Double?
    /// How long ago the primary shipped the last TXID, in seconds.
    let shippedSeconds: Double?

    /// A copy.
    init(
        path: String, _ copy: CopyPosition, _ status: FollowerStatus?, isRunning: Bool, _ log: Log, now: Int64
    ) {
        self.path = path
        role = "copy"
        url = copy.url
        running = isRunning
        position = "\(copy.txid)"
        head = log.head?.description
        behind = log.head.flatMap { $0 >= copy.txid ? $0.rawValue - copy.txid.rawValue : nil }
        lagSeconds = behind == 0 ? 0 : log.nextCommit.map { Self.seconds(from: $0, to: now) }
        shippedSeconds = nil
        (state, reason) = Self.judge(status, isRunning: isRunning, behind, log, now)
        let isOwnWord = isRunning && status?.state.rawValue == state
        stateSeconds = isOwnWord ? status.map { Self.seconds(from: $0.since, to: now) } : nil
    }

    private static func seconds(from then: Int64, to now: Int64) -> Double { Double(max(now - then, 0)) / 1000 }

    /// The state in words, and why: what the follower says, unless it is not there to say anything.
    private static func judge(
        _ status: FollowerStatus?, isRunning: Bool, _ behind: UInt64?, _ log: Log, _ now: Int64
    ) -> (String, String?) {
        if let failure = log.failure { return ("stalled", failure) }
        guard log.head != nil else { return ("stalled", "the log is empty") }
        // The follower knows more about that, if it has seen it yet.
        if isRunning, let status, behind == nil, status.state == .stalled { return ("stalled", status.reason) }
        guard let behind else { return ("diverged", "the log ends before the copy's position") }
        guard isRunning, let status else {
            return (behind == 0 ? "live" : "stale", "no follower is running; `fantail follow` goes on from here")
        }
        switch status.state {
        case .stalled, .diverged: return (status.state.rawValue, status.reason)
        case .cold, .catchingUp, .live: return (behind == 0 ? "live" : "catching up", nil)
        }
    }

    /// A copy that is not there yet.
    init(path: String, cold status: FollowerStatus, isRunning: Bool) {
        self.path = path
        role = "copy"
        (url, position, head, behind, lagSeconds, stateSeconds, shippedSeconds) = (nil, nil, nil, nil, nil, nil, nil)
        running = isRunning
        state = status.state == .stalled ? "stalled" : "cold"
        reason = isRunning ? status.reason : "no follower is running"
    }

    /// A primary.
    init(path: String, _ primary: PrimaryStatus, isRunning: Bool, _ log: Log, now: Int64) {
        self.path = path
        role = "primary"
        url = primary.url
        running = isRunning
        position = primary.txid
        head = log.head?.description
        (behind, lagSeconds) = (nil, nil)
        // What the primary says of itself comes first: a log that is not there yet is no news while it waits.
        let isLive = primary.state == "live"
        state = !isRunning ? "stopped" : isLive && log.failure != nil ? "stalled" : primary.state
        reason = !isRunning ? "no `fantail replicate` is running" : isLive ? log.failure : primary.reason
        stateSeconds = isRunning && state == primary.state ? Self.seconds(from: primary.since, to: now) : nil
        shippedSeconds = primary.shipped.map { Self.seconds(from: $0, to: now) }
    }

    /// For people: two lines.
    var text: String {
        let span = stateSeconds.map { " for \(Duration.seconds($0).asAge)" } ?? ""
        var lines = ["\(path): \(role), \(state)\(span)\(reason.map { " (\($0))" } ?? "")"]
        guard let url else { return lines[0] }
        let shipped = shippedSeconds.map { " (shipped \(Duration.seconds($0).asAge) ago)" } ?? ""
        var place = "position \(position ?? "none")\(shipped), head \(head ?? "unknown"), log \(url)"
        if let behind, behind > 0 {
            let age = lagSeconds.map { ", the oldest of them \(Int($0)) s old" } ?? ""
            place += "\n\(behind) TXIDs behind\(age)"
        }
        lines.append(place)
        return lines.joined(separator: "\n")
    }
}
