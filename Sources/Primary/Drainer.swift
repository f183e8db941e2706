import Synchronization

/// The wish to ship the rest and end, with its deadline, for whoever sleeps, retries or captures.
final class Drainer: Sendable {
    private struct State {
        var since: ContinuousClock.Instant?
        var mailbox: Mailbox?
    }

    private let state = Mutex(State())

    var isDraining: Bool { state.withLock { $0.since != nil } }

    /// Whether a drain has been going on for longer than `timeout`.
    func isOverdue(_ timeout: Duration) -> Bool {
        state.withLock { state in state.since.map { .now - $0 > timeout } ?? false }
    }

    func drain() {
        let mailbox = state.withLock { state in
            state.since = state.since ?? .now
            return state.mailbox
        }
        mailbox?.drain()
    }

    /// Passes the wish on to a session, also if it was uttered before the session began.
    func attach(_ mailbox: Mailbox?) {
        let isDraining = state.withLock { state in
            state.mailbox = mailbox
            return state.since != nil
        }
        if isDraining { mailbox?.drain() }
    }

    /// Sleeps, in slices short enough that a drain does not wait for a long one.
    func sleep(_ duration: Duration) async {
        let end = ContinuousClock.now + duration
        let wasDraining = isDraining
        while .now < end, isDraining == wasDraining, !Task.isCancelled {
            try? await Task.sleep(for: min(end - .now, .milliseconds(100)))
        }
    }
}

/// Growing pauses between tries: 100 ms, doubling up to 10 s.
struct Backoff {
    private var pause = Duration.milliseconds(100)
    private(set) var isFirst = true

    mutating func next() -> Duration {
        isFirst = false
        defer { pause = min(pause * 2, .seconds(10)) }
        return pause
    }
}
