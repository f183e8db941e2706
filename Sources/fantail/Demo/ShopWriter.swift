import Dispatch
import Files
import SQLite
import Synchronization

/// Lets customers order, some tens of times a second, on a thread of its own, until it is stopped.
final class ShopWriter: Sendable {
    private struct State {
        var commitCount = 0
        var isStopping = false
    }

    private let path: String
    private let state = Mutex(State())

    /// A shop whose database is at `path`.
    init(path: String) { self.path = path }

    /// Transactions that were committed by now.
    var commitCount: Int { state.withLock { $0.commitCount } }

    /// Lets the order under way be the last one.
    func stop() { state.withLock { $0.isStopping = true } }

    /// Makes the database if there is none, for those who come next.
    func prepare() async throws(SQLiteError) {
        try await Blocking.run { [path] () throws(SQLiteError) in _ = try Shop(path: path) }
    }

    /// Takes orders until stopped.
    func run() async throws(SQLiteError) {
        let result: Result<Void, SQLiteError> = await withCheckedContinuation { continuation in
            DispatchQueue(label: "fantail.demo.shop").async {
                continuation.resume(returning: Result { () throws(SQLiteError) in try self.takeOrders() })
            }
        }
        try result.get()
    }

    private func takeOrders() throws(SQLiteError) {
        let shop = try Shop(path: path)
        while !state.withLock({ $0.isStopping }) {
            try shop.order()
            state.withLock { $0.commitCount += 1 }
            // Some thirty a second: enough to see everything move, little enough for any machine.
            pause(.milliseconds(Int.random(in: 5...55)))
        }
    }
}
