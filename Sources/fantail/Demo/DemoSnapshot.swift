import Follower
import LTX
import ObjectStore

/// All that a demo's view shows at one moment: a value, from which the drawing follows.
struct DemoSnapshot: Sendable {
    /// What the demo is about.
    enum Phase: Sendable {
        case running, shipping, catchingUp, comparing, ended
    }

    /// How a node is doing, in words.
    enum State: String, Sendable {
        case cold
        case catchingUp = "catching up"
        case live, stalled, diverged
    }

    /// The primary or a copy.
    struct Node: Sendable {
        var name: String
        /// Of its shipping or polling, as it was given.
        var interval: String
        /// The last TXID that it shipped or applied; nil before the first.
        var position: TXID?
        /// How many orders a stock reader finds in its database; nil while there is none.
        var orderCount: Int64?
        /// How long ago the oldest commit was made that the copy lacks; zero if it lacks none, nil where there
        /// is no copy to ask.
        var lag: Duration?
        /// The lags before, oldest first.
        var pastLags: [Duration] = []
        var state: State
        /// Why, where the state alone does not say.
        var reason: String?
        var requests = RequestCounter.Counts()
        var walByteCount: Int64?
    }

    var phase = Phase.running
    var elapsed: Duration
    /// After which it ends by itself.
    var duration: Duration?
    var commitCount: Int
    /// Over the last seconds; nil before anything can be said.
    var commitsPerSecond: Double?
    var log: LogMeter.Size?
    var primary: Node
    var copies: [Node]
    var directory: String
    /// Whether the files stay after the end.
    var isKept: Bool
    /// What was logged last, oldest first.
    var messages: [String] = []
}

extension DemoSnapshot.State {
    /// What a follower says of itself, held against what a reader of its copy sees.
    ///
    /// A follower is live that knows of nothing new; while it is between two looks, only the lag can tell that
    /// there is more than an interval explains. `usualLag`: what the intervals explain.
    init(_ status: FollowerStatus.State?, lag: Duration?, usualLag: Duration) {
        self =
            switch status {
            case nil, .cold: .cold
            case .catchingUp: .catchingUp
            case .live: (lag ?? .zero) > usualLag ? .catchingUp : .live
            case .stalled: .stalled
            case .diverged: .diverged
            }
    }
}
