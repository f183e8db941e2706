import Replica
import Synchronization

/// Knows how big the log is, by listing it now and then.
final class LogMeter: Sendable {
    /// What a listing found.
    struct Size: Hashable, Sendable {
        var fileCount: Int
        var byteCount: Int64

        init(fileCount: Int, byteCount: Int64) {
            self.fileCount = fileCount
            self.byteCount = byteCount
        }

        init(_ catalogue: Catalogue) {
            self.init(fileCount: catalogue.files.count, byteCount: catalogue.files.reduce(0) { $0 + $1.size })
        }
    }

    private let replica: Replica
    private let last = Mutex<Size?>(nil)

    init(_ replica: Replica) { self.replica = replica }

    /// As of the last listing; nil before the first.
    var size: Size? { last.withLock { $0 } }

    /// Lists until cancelled. The longer the log, the longer the pauses: a twentieth of the time at most.
    func run() async {
        while !Task.isCancelled {
            let begin = ContinuousClock.now
            // Before the first file there is no log to list.
            if let catalogue = try? await replica.catalogue() { last.withLock { $0 = Size(catalogue) } }
            try? await Task.sleep(for: max(.milliseconds(500), (.now - begin) * 20))
        }
    }
}
