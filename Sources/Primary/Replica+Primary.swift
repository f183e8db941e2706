import LTX
import ObjectStore
import Replica

/// What a primary asks of its log.
extension Replica {
    /// The end of the log, or nil for a log without files.
    func primaryHead() async throws(PrimaryError) -> StartPlan.Head? {
        guard let newest = try await newestName() else { return nil }
        let slice = await result { () async throws(StoreError) in
            try await store.read("ltx/0/\(newest)", range: 0..<100, ifMatch: nil)
        }
        return StartPlan.Head(txid: newest.maxTXID, stamp: try stamp(try slice.get().bytes))
    }

    private func result<T>(_ work: () async throws(StoreError) -> T) async -> Result<T, PrimaryError> {
        do throws(StoreError) { return .success(try await work()) } catch { return .failure(.store(error)) }
    }

    private func newestName() async throws(PrimaryError) -> LTXFileName? {
        var names: [LTXFileName] = []
        var after: String? = nil
        while true {
            let found = await result { () async throws(StoreError) in try await store.list(prefix: "ltx/0/", after: after, limit: 1000) }
            if case .failure(.store(.rootMissing)) = found { return nil }
            let page = try found.get()
            names += page.entries.compactMap { LTXFileName(parsing: $0.key.split(separator: "/").last ?? "") }
            after = page.entries.last?.key
            if page.isComplete { return names.max { $0.maxTXID < $1.maxTXID } }
        }
    }

    private func stamp(_ bytes: [UInt8]) throws(PrimaryError) -> LTXStamp? {
        do throws(LTXError) {
            let header = try LTXHeader(parsing: bytes.span)
            return header.stamp
        } catch { throw .ltx(error) }
    }

    func publishCaptured(_ file: LocalFile) async throws(PrimaryError) {
        _ = try await result { () async throws(StoreError) in
            try await store.put("ltx/0/\(LTXFileName(file.txid))", .file(path: file.path), condition: .ifAbsent, modified: ObjectTime(rawValue: file.milliseconds))
        }.get()
    }
}
