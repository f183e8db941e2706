/// When the primary checkpoints the app's WAL itself.
///
/// SQLite's own default is to try at every commit past 1000 frames, in the app's thread. Doing it shortly before
/// takes that work off the app, if there is time for it: a checkpoint syncs two files, and an app that writes
/// flat out is past 1000 frames before that is done. Then both would get in each other's way, and it costs the
/// app least if the WAL grows on and is checkpointed less often: see `WALHold` for why its own tries cost it
/// microseconds meanwhile.
/// Where readers or a long transaction stand in the way, trying again at once would only burn time: the pause
/// doubles up to a second.
struct CheckpointPolicy {
    /// Below SQLite's 1000, so that an app that is not in a hurry seldom gets there first.
    static let earlyFrameCount: UInt32 = 800
    /// Where even a flat-out app is checkpointed: 8 MB of usual pages, some 20 ms of writing. With 4000 it is no
    /// faster, and the WAL twice as long.
    static let lateFrameCount: UInt32 = 2000
    /// So many frames from one look to the next, 2 ms later, and the app is at 1000 before a checkpoint that is
    /// begun at `earlyFrameCount` and takes some 6 ms has ended.
    private static let hurriedGrowth: UInt32 = 64
    /// SQLite's busy handler sleeps for up to 100 ms between two tries to take a lock: one shall fall in here.
    private static let yieldPause = Duration.milliseconds(150)
    private static let shortestPause = Duration.milliseconds(4)
    private static let longestPause = Duration.seconds(1)

    private var notBefore: ContinuousClock.Instant?
    private var pause = Self.shortestPause
    private var lastFrameCount: UInt32 = 0
    /// Frames per look, of late.
    private var growth: UInt32 = 0

    /// Takes in how long the WAL is, at every look.
    mutating func looked(frameCount: UInt32) {
        let new = frameCount >= lastFrameCount ? frameCount - lastFrameCount : frameCount
        // A commit that waits for its own checkpoint does not make a writer one that is not in a hurry.
        growth = max(new, growth / 2)
        lastFrameCount = frameCount
    }

    /// Whether to checkpoint now.
    func isDue(at now: ContinuousClock.Instant) -> Bool {
        guard isLong else { return false }
        return notBefore.map { now >= $0 } ?? true
    }

    /// When to look again at a WAL that is too long already; nil if only new frames can make it due.
    var nextTry: ContinuousClock.Instant? { isLong ? notBefore : nil }

    private var isLong: Bool {
        lastFrameCount >= (growth < Self.hurriedGrowth ? Self.earlyFrameCount : Self.lateFrameCount)
    }

    mutating func finished(_ outcome: Capture.CheckpointOutcome, at now: ContinuousClock.Instant) {
        switch outcome {
        case .complete:
            notBefore = nil
            pause = Self.shortestPause
        case .contended:
            // Says nothing about what was in the way before.
            notBefore = nil
        case .yielded:
            notBefore = now + Self.yieldPause
        case .blocked:
            notBefore = now + pause
            pause = min(pause * 2, Self.longestPause)
        }
    }
}
