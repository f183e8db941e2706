/// When the primary checkpoints the app's WAL itself.
///
/// SQLite's own default is to try at every commit past 1000 frames, in the app's thread. Doing it shortly
/// before takes that work off the app. Where readers or a long transaction stand in the way, trying again
/// at once would only burn time: the pause doubles up to a second.
struct CheckpointPolicy {
    /// Below SQLite's 1000, so that a busy app seldom gets there first.
    static let frameCount: UInt32 = 800
    private static let shortestPause = Duration.milliseconds(4)
    private static let longestPause = Duration.seconds(1)

    private var notBefore: ContinuousClock.Instant?
    private var pause = Self.shortestPause

    /// Whether to checkpoint now, with so many frames in the WAL.
    func isDue(frameCount: UInt32, at now: ContinuousClock.Instant) -> Bool {
        guard frameCount >= Self.frameCount else { return false }
        return notBefore.map { now >= $0 } ?? true
    }

    /// When to look again at a WAL that is too long already; nil if only new frames can make it due.
    func nextTry(frameCount: UInt32) -> ContinuousClock.Instant? {
        frameCount >= Self.frameCount ? notBefore : nil
    }

    mutating func finished(_ outcome: Capture.CheckpointOutcome, at now: ContinuousClock.Instant) {
        switch outcome {
        case .complete, .contended:
            notBefore = nil
            pause = Self.shortestPause
        case .blocked:
            notBefore = now + pause
            pause = min(pause * 2, Self.longestPause)
        }
    }
}
