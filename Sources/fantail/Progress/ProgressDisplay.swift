import Synchronization

/// Shows on standard error how far a long work is: a bar on a terminal, else a line now and then.
final class ProgressDisplay: Sendable {
    private struct State {
        var lastShown: ContinuousClock.Instant?
        /// Whether the terminal's line is not empty.
        var isShowing = false
    }

    private let isTerminal: Bool
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    init(isTerminal: Bool) { self.isTerminal = isTerminal }

    /// Takes note; shows it if it is time. What is over soon is not shown at all.
    func update(_ doneByteCount: Int64, of totalByteCount: Int64) {
        let now = ContinuousClock.now
        // Often enough to look alive, seldom enough to cost nothing; in a log file, seldom enough to read.
        let (delay, pause): (Duration, Duration) = isTerminal ? (.milliseconds(300), .milliseconds(100)) : (.seconds(3), .seconds(5))
        state.withLock { state in
            guard now - start >= delay, state.lastShown.map({ now - $0 >= pause }) ?? true else { return }
            state.lastShown = now
            let meter = ProgressMeter(
                doneByteCount: doneByteCount, totalByteCount: totalByteCount, elapsed: now - start)
            StandardError.write(isTerminal ? "\r\u{1B}[K\(meter.bar)" : "\(meter.text)\n")
            state.isShowing = isTerminal
        }
    }

    /// Takes the bar away. To be called before anything else is written.
    func finish() {
        state.withLock { state in
            if state.isShowing { StandardError.write("\r\u{1B}[K") }
            state.isShowing = false
        }
    }
}
