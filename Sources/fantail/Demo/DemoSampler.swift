import Files
import Follower
import LTX
import ObjectStore
import Primary
import Replica

/// Looks at everything in a demo from outside, as any other process could: readers of the databases, and what
/// the nodes write beside them. Lives on one thread.
final class DemoSampler {
    private let directory: DemoDirectory
    private let fleet: DemoFleet
    private let meter: LogMeter
    private let messages: RecentMessages
    private let duration: Duration?
    private let begin = ContinuousClock.now
    private let source: ShopReader
    private let readers: [ShopReader]
    private var pastLags: [[Duration]]
    /// Commits at moments of the last seconds, oldest first.
    private var counts: [(at: ContinuousClock.Instant, commitCount: Int)] = []

    init(
        _ directory: DemoDirectory, _ fleet: DemoFleet, _ meter: LogMeter, _ messages: RecentMessages,
        duration: Duration?
    ) {
        self.directory = directory
        self.fleet = fleet
        self.meter = meter
        self.messages = messages
        self.duration = duration
        source = ShopReader(path: directory.database)
        readers = fleet.members.map { ShopReader(path: $0.path) }
        pastLags = fleet.members.map { _ in [] }
    }

    /// What there is now.
    func sample(_ phase: DemoSnapshot.Phase) -> DemoSnapshot {
        // Copies first: what the source has is then never older than what they have.
        let copies = fleet.members.indices.map(copy)
        let commitCount = fleet.shop.commitCount
        return DemoSnapshot(
            phase: phase, elapsed: .now - begin, duration: duration, commitCount: commitCount,
            commitsPerSecond: rate(commitCount), log: meter.size, primary: primary(), copies: copies,
            directory: directory.path, isKept: directory.isKept, messages: messages.texts)
    }

    private func primary() -> DemoSnapshot.Node {
        let status = PrimaryStatus.load(database: directory.database)
        var node = DemoSnapshot.Node(
            name: "primary", interval: DemoFleet.syncInterval.description,
            position: status?.txid.flatMap { TXID(hex: $0) },
            state: status.map { $0.state == "live" ? .live : .stalled } ?? .cold, reason: status?.reason,
            requests: fleet.primaryReplica.store.requests.counts, walByteCount: walByteCount(directory.database))
        reading(&node) { node in node.orderCount = try source.look()?.orderCount }
        return node
    }

    private func copy(_ index: Int) -> DemoSnapshot.Node {
        let member = fleet.members[index]
        let status = FollowerStatus.load(member.path)
        var node = DemoSnapshot.Node(
            name: member.name, interval: member.interval.description, position: member.position, state: .cold,
            reason: status?.reason, requests: member.replica.store.requests.counts,
            walByteCount: walByteCount(member.path))
        reading(&node) { node in
            guard let look = try readers[index].look() else { return }
            node.orderCount = look.orderCount
            node.lag = try source.age(ofOrderAfter: look.lastOrder) ?? .zero
        }
        if let lag = node.lag { pastLags[index] = pastLags[index].suffix(Self.pastLagCount - 1) + [lag] }
        node.pastLags = pastLags[index]
        let intervals = member.interval.duration + DemoFleet.syncInterval.duration
        node.state = .init(status?.state, lag: node.lag, usualLag: intervals * 2 + .milliseconds(500))
        return node
    }

    /// A view that cannot read says so, and tries again at the next look.
    private func reading(_ node: inout DemoSnapshot.Node, _ read: (inout DemoSnapshot.Node) throws -> Void) {
        do { try read(&node) } catch { node.reason = "a reader of it failed: \(error)" }
    }

    private func walByteCount(_ path: String) -> Int64? { (try? File.status(path + "-wal"))?.size }

    private func rate(_ commitCount: Int) -> Double? {
        let now = ContinuousClock.now
        counts.append((now, commitCount))
        counts.removeAll { now - $0.at > Self.rateSpan }
        guard let first = counts.first, now - first.at >= .milliseconds(500) else { return nil }
        return Double(commitCount - first.commitCount) / ((now - first.at) / .seconds(1))
    }

    /// One for each character that draws them.
    private static let pastLagCount = 16
    private static let rateSpan = Duration.seconds(3)
}
