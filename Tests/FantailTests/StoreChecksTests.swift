import Files
import Foundation
import ObjectStore
import Replica
import TestSupport
import Testing
@testable import fantail

@Suite struct StoreChecksTests {
    @Test func `a directory passes and nothing that a log knows is left there`() async throws {
        let directory = try TemporaryDirectory()
        let store = DirectoryStore(root: directory.path)
        let checks = DirectoryFacts.gather(directory.path).checks + (await StoreChecks(store).run())
        #expect(checks.allSatisfy { $0.verdict != .failure }, "\(checks)")
        #expect(checks.map(\.name).contains("hard links"))
        let left = try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { !$0.hasPrefix(".") }
        #expect(left.isEmpty)
        #expect(await StoreChecks.log(Replica(store: store)) == .ok("log", "empty"))
    }

    @Test func `a store that lets a taken name through fails`() async {
        let checks = await StoreChecks(Careless(flaw: .putsAlways)).run()
        #expect(failures(checks) == ["conditional put"])
    }

    @Test func `a store that gives other bytes fails`() async {
        #expect(failures(await StoreChecks(Careless(flaw: .readsOther)).run()) == ["store read"])
    }

    @Test func `a store that does not delete fails`() async {
        #expect(failures(await StoreChecks(Careless(flaw: .keeps)).run()) == ["store delete"])
    }

    @Test func `a store that takes nothing is asked nothing more`() async {
        #expect(await StoreChecks(Careless(flaw: .denies)).run().map(\.name) == ["store write"])
    }

    @Test func `a directory that is not there yet is not made`() throws {
        let directory = try TemporaryDirectory()
        let facts = DirectoryFacts.gather(directory.file("a/b"))
        #expect(facts.nearest == directory.path && !facts.canBeTried)
        #expect(facts.checks.first?.verdict == .warning)
        #expect(!FileManager.default.fileExists(atPath: directory.file("a")))
    }

    @Test func `a file in the store's place fails`() throws {
        let directory = try TemporaryDirectory()
        try Data().write(to: URL(filePath: directory.file("log")))
        #expect(DirectoryFacts.gather(directory.file("log")).checks.first?.verdict == .failure)
    }

    private func failures(_ checks: [Check]) -> [String] { checks.filter { $0.verdict == .failure }.map(\.name) }
}

/// A store of one object with one flaw.
private struct Careless: ObjectStore {
    enum Flaw { case putsAlways, readsOther, keeps, denies }

    let flaw: Flaw
    let requests = RequestCounter()
    let description = "careless"
    var conditions: StoreConditions { [.ifAbsent] }

    func list(prefix: String, after: String?, limit: Int) async throws(StoreError) -> ObjectPage {
        ObjectPage(
            entries: [ObjectEntry(key: prefix, size: 1, modified: ObjectTime(rawValue: 0))], isComplete: true)
    }

    func read(_ key: String, range: Range<Int64>, ifMatch: ETag?) async throws(StoreError) -> ObjectSlice {
        if requests.counts.deletes > 0, flaw != .keeps { throw .notFound(key: key) }
        let bytes = Array((flaw == .readsOther ? "?" : "Made by fantail doctor, which deletes it at once.\n").utf8)
        return ObjectSlice(
            bytes: bytes, totalSize: Int64(bytes.count), etag: ETag(rawValue: "1"), modified: ObjectTime(rawValue: 0))
    }

    func put(
        _ key: String, _ body: ObjectBody, condition: PutCondition, modified: ObjectTime?
    ) async throws(StoreError) -> ETag {
        if flaw == .denies { throw .denied(key: key, reason: "no") }
        let isFirst = requests.counts.puts == 0
        requests.add { $0.puts += 1 }
        guard isFirst || flaw == .putsAlways else { throw .preconditionFailed(key: key) }
        return ETag(rawValue: "1")
    }

    func delete(_ keys: [String]) async throws(StoreError) { requests.add { $0.deletes += 1 } }
}
