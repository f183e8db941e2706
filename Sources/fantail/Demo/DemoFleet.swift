import Files
import Follower
import Logging
import LTX
import ObjectStore
import Primary
import Replica
import Synchronization

/// Everything that runs in a demo: the shop, the primary beside it, and the followers. Started in the order of
/// the data, and stopped in it, so that at the end every copy can be held against the source.
final class DemoFleet: Sendable {
    /// A follower and its copy.
    struct Member: Sendable {
        let name: String
        let path: String
        let interval: DurationArgument
        /// Of its own, so that its requests are counted apart.
        let replica: Replica
        let follower: Follower

        /// The last TXID in the copy; nil if there is none yet.
        var position: TXID? { CopyPosition.load(path)?.txid }
    }

    let shop: ShopWriter
    let primary: Primary
    /// The primary's, which counts its requests.
    let primaryReplica: Replica
    let members: [Member]
    /// To look at the log without being counted.
    let log: Replica
    private let failure = Mutex<(any Error)?>(nil)

    static let syncInterval = DurationArgument(argument: "200ms")!
    /// Three that differ, so that one can see what the interval is worth.
    private static let pollIntervals = ["100ms", "500ms", "1s"]
    /// How long the followers may take to come to the head at the end. They need a look each.
    private static let patience = Duration.seconds(30)

    /// The parts, in `directory`; nothing runs yet.
    init(_ directory: DemoDirectory, _ logger: Logger) {
        let url = "file://\(directory.log)"
        func replica() -> Replica { Replica(store: DirectoryStore(root: directory.log)) }
        shop = ShopWriter(path: directory.database)
        log = replica()
        let primaryReplica = replica()
        self.primaryReplica = primaryReplica
        primary = Primary(
            database: directory.database, replica: primaryReplica, url: url,
            options: .init(syncInterval: Self.syncInterval.duration), logger: logger)
        members = Self.pollIntervals.enumerated().map { index, interval in
            let interval = DurationArgument(argument: interval)!
            let path = directory.copy(index + 1)
            let replica = replica()
            return Member(
                name: "copy-\(index + 1)", path: path, interval: interval, replica: replica,
                follower: Follower(
                    replica: replica, url: url, path: path, options: .init(pollInterval: interval.duration),
                    logger: logger))
        }
    }

    /// Runs until `asked` yields, or until a part fails; then stops one after the other. On return the
    /// primary has shipped all of it and every copy is at the head of the log, which is answered.
    ///
    /// `enter` is told what it is about.
    func run(
        until asked: AsyncStream<Void>, _ enter: @Sendable (DemoSnapshot.Phase) -> Void
    ) async throws -> TXID {
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self)
        func start(_ work: @escaping @Sendable () async throws -> Void) -> Task<Void, Never> {
            Task {
                do { try await work() } catch { failure.withLock { $0 = $0 ?? error } }
                wake.yield()
            }
        }
        let asking = start { for await _ in asked { return } }
        let shopping = start { [shop] in try await shop.run() }
        let shipping = start { [primary] in try await primary.run() }
        let following = members.map { member in
            start { [log] in
                // Before the first file there is nothing to follow, and no use in complaining about that.
                while !Task.isCancelled, (try? await log.head()) == nil { try? await Task.sleep(for: .milliseconds(20)) }
                try await member.follower.run()
            }
        }
        for await _ in wakes { break }
        asking.cancel()
        enter(.shipping)
        shop.stop()
        await shopping.value
        primary.drain()
        await shipping.value
        enter(.catchingUp)
        let head = try await log.head()
        await waitForCopies(head)
        for task in following { task.cancel() }
        for task in following { await task.value }
        if let failure = failure.withLock({ $0 }) { throw failure }
        let late = members.filter { $0.position != head }.map(\.name)
        guard let head, late.isEmpty else { throw DemoError.behind(copies: late, head: head?.description ?? "none") }
        enter(.comparing)
        return head
    }

    private func waitForCopies(_ head: TXID?) async {
        let deadline = ContinuousClock.now + Self.patience
        while .now < deadline, failure.withLock({ $0 == nil }), members.contains(where: { $0.position != head }) {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }
}
