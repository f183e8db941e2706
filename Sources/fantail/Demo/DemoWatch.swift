import Dispatch
import Files
import Synchronization

/// Shows the demo while it runs, from a thread of its own: a screen five times a second on a terminal, else a
/// line a second.
final class DemoWatch: Sendable {
    private struct State {
        var phase = DemoSnapshot.Phase.running
        var isOver = false
    }

    private let screen: Screen?
    private let onClosed: @Sendable () -> Void
    private let state = Mutex(State())

    /// `screen`: nil for lines. `onClosed` is called when nobody looks any more.
    init(_ screen: Screen?, onClosed: @escaping @Sendable () -> Void) {
        self.screen = screen
        self.onClosed = onClosed
    }

    /// Says what the demo is about from now on.
    func enter(_ phase: DemoSnapshot.Phase) { state.withLock { $0.phase = phase } }

    /// Lets `run` show the end, and return.
    func stop() { state.withLock { $0.isOver = true } }

    /// Shows what `sampler` finds until stopped. It is made, used and let go on one thread.
    func run(_ sampler: @escaping @Sendable () -> DemoSampler) async {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "fantail.demo.view").async {
                self.show(sampler())
                continuation.resume()
            }
        }
    }

    private func show(_ sampler: DemoSampler) {
        let interval = screen == nil ? Duration.seconds(1) : .milliseconds(200)
        var next = ContinuousClock.now
        while true {
            // The end is shown too, as a screen that stays or as the last line.
            let (phase, isOver) = state.withLock { ($0.phase, $0.isOver) }
            if isOver || .now >= next {
                next = .now + interval
                show(sampler.sample(phase))
            }
            if isOver { return }
            pause(.milliseconds(20))
        }
    }

    private func show(_ snapshot: DemoSnapshot) {
        if let screen {
            screen.show { DemoView(snapshot: snapshot, style: Screen.style).screen(width: $0) }
        } else {
            if !StandardOutput.write(DemoView(snapshot: snapshot, style: .plain).line + "\n") { onClosed() }
        }
    }
}
