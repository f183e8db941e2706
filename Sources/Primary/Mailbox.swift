import Replica
import Synchronization

/// What the capturing thread and the shipping task tell each other.
///
/// One stage is with each of them; that is all the queue there is, so nothing can grow without bound.
final class Mailbox: Sendable {
    private struct State {
        var isDraining = false
        /// The stage that nobody uses; nil while its pages are on their way to the store.
        var spare: PageStage?
        var isShipping = false
        var failure: PrimaryError?
        /// Whether the log has, or had, what the next file builds on.
        var isLogComplete = false
    }

    private let state = Mutex(State())
    private let watch: WALWatch

    init(waking watch: WALWatch) { self.watch = watch }

    /// What the capturing thread should know before it decides what to do next.
    struct View {
        let isDraining: Bool
        let isShipping: Bool
        let failure: PrimaryError?
        let isLogComplete: Bool
    }

    var view: View {
        state.withLock {
            View(
                isDraining: $0.isDraining, isShipping: $0.isShipping, failure: $0.failure, isLogComplete: $0.isLogComplete)
        }
    }

    /// Asks for everything to be sealed and shipped, and then for the end.
    func drain() {
        state.withLock { $0.isDraining = true }
        watch.wake()
    }

    /// Puts an unused stage at the capturing thread's disposal.
    func provide(_ stage: PageStage) { state.withLock { $0.spare = stage } }

    /// Takes the unused stage, for capture to go on in while the other is shipped.
    func takeSpare() -> PageStage {
        state.withLock { state in
            guard let spare = state.spare else { preconditionFailure("BUG: sealed while shipping") }
            state.spare = nil
            state.isShipping = true
            return spare
        }
    }

    /// Says that this session goes on with the log as it is.
    func goesOn() { state.withLock { $0.isLogComplete = true } }

    /// Says that a file is on its way that needs no stage.
    func beginShipping() { state.withLock { $0.isShipping = true } }

    /// Gives a shipped stage back.
    func shipped(_ stage: PageStage?) {
        state.withLock { state in
            if let stage { state.spare = stage }
            state.isLogComplete = true
            state.isShipping = false
        }
        watch.wake()
    }

    /// Ends the capture because shipping cannot go on.
    func fail(_ error: PrimaryError) {
        state.withLock { $0.failure = error }
        watch.wake()
    }
}
