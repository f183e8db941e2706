import LTX
import Replica

/// What a follower's attempts have come to so far, and so what the next one does. Pure, but for the clock.
struct Effort {
    static let firstPause = Duration.milliseconds(100)
    private static let longestPause = Duration.seconds(10)

    /// Whether the copy that is there has to be made right first.
    private(set) var isRebuilding = false
    /// What is wrong with the log itself, as far as this attempt knows.
    var damage = LogDamage()
    private var nextPause = firstPause
    private var replanCount = 0
    private var begin = ContinuousClock.now

    /// Takes in that an attempt failed, and answers what comes next: the same at once (`.replan`), a rebuild,
    /// the same after a pause, or the end.
    mutating func next(after error: FollowerError) -> ReplicaError.Reaction {
        _ = damage.note(error)
        switch error.reaction {
        case .stop: return .stop
        case .replan where replanCount < Self.maxReplans:
            replanCount += 1
            return .replan
        case .rebase where !isRebuilding:
            isRebuilding = true
            return .rebase
        default: return .retry
        }
    }

    /// A compaction may delete files between their being listed and read, at most once per level and plan.
    private static let maxReplans = 10

    /// How long to wait before it is all tried again: ever longer, up to ten seconds; and where an attempt takes
    /// its time, as one does that reads the whole copy, at least as long as that.
    mutating func pause() -> Duration {
        let now = ContinuousClock.now
        let pause = max(nextPause, now - begin)
        nextPause = min(nextPause * 2, Self.longestPause)
        begin = now + pause
        // What was damaged may have been put right, and then no rebuild is needed.
        isRebuilding = false
        damage = LogDamage()
        replanCount = 0
        return pause
    }

    /// Takes in that the copy is open and as the record says.
    mutating func opened() { isRebuilding = false }

    /// Takes in that the copy moved on, or that there was nothing to move on to.
    mutating func succeeded() {
        nextPause = Self.firstPause
        replanCount = 0
        begin = .now
    }
}
