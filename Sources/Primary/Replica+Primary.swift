import LTX
import ObjectStore
import Replica

/// What a primary asks of its log.
extension Replica {
    /// The end of the log, or nil for a log without files.
    func primaryHead() async throws(PrimaryError) -> StartPlan.Head? {
        do throws(ReplicaError) {
            let catalogue = try await catalogue()
            guard let txid = catalogue.head else { return nil }
            let name = LTXFileName(txid)
            guard catalogue[.captured].contains(where: { $0.name == name }) else {
                return StartPlan.Head(txid: txid, stamp: nil)
            }
            let reader = try await LogReader.open(self, .captured, name)
            return StartPlan.Head(txid: txid, stamp: reader.header.stamp)
        } catch {
            // A log that nobody has begun yet is no error for whoever begins it.
            if case .store(.rootMissing) = error { return nil }
            throw .replica(error)
        }
    }

    /// Publishes a captured file under its TXID.
    func publishCaptured(_ file: LocalFile) async throws(PrimaryError) {
        do throws(ReplicaError) {
            try await publish(
                .captured, LTXFileName(file.txid), .file(path: file.path), timestampMilliseconds: file.milliseconds)
        } catch {
            if case .fenced(let txid) = error { throw .fenced(txid: txid, epoch: nil) }
            throw .replica(error)
        }
    }
}
