import Files
import LTX
import ObjectStore
import Replica

/// What a log's store has to be good for: tried on an object of its own, which is deleted afterwards.
struct StoreChecks {
    let store: any ObjectStore
    /// Random, so that two doctors do not meet. Litestream looks below `ltx/` only.
    private let key = "fantail-doctor-" + String(UInt64.random(in: .min ... .max), radix: 36)

    init(_ store: any ObjectStore) { self.store = store }

    /// Writes, reads and deletes one object.
    func run() async -> [Check] {
        let body = ObjectBody.bytes(Self.content)
        do {
            _ = try await store.put(key, body, condition: .ifAbsent, modified: nil)
        } catch {
            return [.failure("store write", "\(error)")]
        }
        var checks = [Check.ok("store write", "an object can be put")]
        checks.append(await conditionCheck(body))
        checks.append(await readCheck())
        checks.append(await deleteCheck())
        return checks
    }

    private static let content = Array("Made by fantail doctor, which deletes it at once.\n".utf8)

    /// What keeps two primaries from writing over each other.
    private func conditionCheck(_ body: ObjectBody) async -> Check {
        let name = "conditional put"
        do {
            _ = try await store.put(key, body, condition: .ifAbsent, modified: nil)
            return .failure(
                name, "a second put of the same name was let through",
                "two primaries could write over each other there: use a store that honours it")
        } catch .preconditionFailed {
            return .ok(name, "a name that is taken is refused")
        } catch {
            return .failure(name, "\(error)")
        }
    }

    private func readCheck() async -> Check {
        do {
            let slice = try await store.read(key, range: 0..<maxReadByteCount, ifMatch: nil)
            guard slice.bytes == Self.content else {
                return .failure("store read", "what was put came back as other bytes", "do not use this store")
            }
            let page = try await store.list(prefix: key, after: nil, limit: 10)
            guard page.entries.contains(where: { $0.key == key }) else {
                return .failure("store read", "the object is missing in a listing", "do not use this store")
            }
            return .ok("store read", "what was put is read and listed")
        } catch {
            return .failure("store read", "\(error)")
        }
    }

    private func deleteCheck() async -> Check {
        do {
            try await store.delete([key])
        } catch {
            return .failure("store delete", "\(error)", "\(key) is left behind; old files of a log could not be deleted either")
        }
        do {
            _ = try await store.read(key, range: 0..<1, ifMatch: nil)
            return .failure("store delete", "the object is still there", "look for object locks or versions that show")
        } catch .notFound {
            return .ok("store delete", "an object can be deleted")
        } catch {
            return .failure("store delete", "\(error)")
        }
    }
}

extension StoreChecks {
    /// What is in the log.
    static func log(_ replica: Replica) async -> Check {
        do {
            let catalogue = try await replica.catalogue()
            guard let head = catalogue.head else { return .ok("log", "empty") }
            return .ok("log", "\(catalogue.files.count) files, head \(head)")
        } catch {
            return .failure("log", "\(error)")
        }
    }
}
