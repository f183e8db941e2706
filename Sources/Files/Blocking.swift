import Dispatch

/// Where blocking calls run, so that they never hold up the few threads that async code shares.
package enum Blocking {
    // Concurrent: a slow disk must not hold up another. Dispatch bounds the threads (64 at most), and
    // whoever calls bounds what it has under way.
    private static let queue = DispatchQueue(label: "fantail.files", attributes: .concurrent)

    /// Runs `work` on a thread that may block, and waits for it. Not cancelled with the task: a system
    /// call cannot be.
    package static func run<T: Sendable, Failure: Error>(
        _ work: @escaping @Sendable () throws(Failure) -> T
    ) async throws(Failure) -> T {
        let result: Result<T, Failure> = await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(returning: Result { () throws(Failure) in try work() })
            }
        }
        return try result.get()
    }
}
