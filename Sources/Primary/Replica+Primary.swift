import LTX
import ObjectStore
import Replica

/// What a primary asks of its log.
extension Replica {
    /// The end of the log, or nil for a log without files.
    func primaryHead() async throws(PrimaryError) -> StartPlan.Head? {
        do throws(ReplicaError) {
            let catalogue = try await catalogue()
            // Of several files that end there the one of the lowest level was captured, not compacted.
            guard let txid = catalogue.head,
                let file = catalogue.readable.first(where: { $0.name.maxTXID == txid })
            else { return nil }
            let header = try await open(file).header
            let plan = try? RestorePlan.restore(from: catalogue, store: store.description)
            return StartPlan.Head(
                txid: txid, stamp: header.stamp, pageSize: header.pageSize, isRestorable: plan != nil)
        } catch {
            // A log that nobody has begun yet is no error for whoever begins it.
            if case .store(.rootMissing) = error { return nil }
            throw .replica(error)
        }
    }

    /// Publishes a captured file under its name.
    func publishCaptured(_ file: LocalFile) async throws(PrimaryError) {
        do throws(ReplicaError) {
            try await publish(
                file.level, file.name, .file(path: file.path), timestampMilliseconds: file.milliseconds)
        } catch {
            if case .fenced(let txid) = error { throw .fenced(txid: txid, epoch: nil) }
            throw .replica(error)
        }
    }
}
